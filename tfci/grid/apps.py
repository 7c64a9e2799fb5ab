from django.apps import AppConfig

from tfci.grid import registry


class Grid(AppConfig):
    name = "tfci.grid"
    label = "grid"

    def ready(self) -> None:
        """What its grid needs is loaded while there is one thread (docs/decisions/first-decode.md)."""
        if registry.deploys() and registry.KINDS[registry.network()].needs_image:
            registry.load()
