from django.apps import AppConfig


class Billing(AppConfig):
    name = "billing"
    label = "billing"

    def ready(self) -> None:
        """A team has its wallet from its first moment, so that no page has to make it, and its founder's grant as soon
        as their address is confirmed."""
        from billing import wallets  # its models are there only now
        from tfci.accounts import teams

        def give(person, now) -> None:
            from billing import grants  # needs allauth, which the agents' door goes without

            grants.give(person, now)

        def found(team, owner, now, **_) -> None:
            wallets.begin(team)
            give(owner, now)

        def arrive(user, now, **_) -> None:
            give(user, now)

        teams.founded.connect(found, weak=False, dispatch_uid="wallet")
        teams.arrived.connect(arrive, weak=False, dispatch_uid="grant")
