from django.apps import AppConfig


class Billing(AppConfig):
    name = "billing"
    label = "billing"

    def ready(self) -> None:
        """A team has its wallet from its first moment, so that no page has to make it."""
        from billing import wallets  # its models are there only now
        from tfci.accounts import teams

        teams.founded.connect(
            lambda team, now, **_: wallets.begin(team, now), weak=False, dispatch_uid="wallet"
        )
