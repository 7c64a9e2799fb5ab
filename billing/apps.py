from datetime import datetime
from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from tfci.accounts.models import Team, User


class Billing(AppConfig):
    name = "billing"
    label = "billing"

    def ready(self) -> None:
        """A team has its wallet from its first moment, so that no page has to make it, and its founder's grant as soon
        as their address is confirmed."""
        from billing import wallets  # its models are there only now
        from tfci.accounts import teams

        def give(person: "User", now: datetime) -> None:
            from billing import grants  # needs allauth, which the agents' door goes without

            grants.give(person, now)

        def create_wallet(team: "Team", owner: "User", now: datetime, **_: object) -> None:
            wallets.begin(team)
            give(owner, now)

        def give_on_sign_in(user: "User", now: datetime, **_: object) -> None:
            give(user, now)

        teams.team_created.connect(create_wallet, weak=False, dispatch_uid="wallet")
        teams.signed_in.connect(give_on_sign_in, weak=False, dispatch_uid="grant")
