from django.apps import AppConfig

from tfci import celery


class Site(AppConfig):
    name = "tfci"

    def ready(self) -> None:
        """Every process sends its tasks through our Celery app, not only the workers."""
        celery.app.set_default()
