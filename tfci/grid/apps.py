from django.apps import AppConfig


class Grid(AppConfig):
    name = "tfci.grid"
    label = "grid"

    def ready(self) -> None:
        """What its grid needs is loaded while there is one thread (docs/decisions/first-decode.md)."""
        from tfci.grid import registry

        if registry.deploys() and registry.KINDS[registry.network()].wants_image:
            registry.load()
