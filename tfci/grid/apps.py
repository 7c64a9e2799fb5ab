from django.apps import AppConfig


class Grid(AppConfig):
    name = "tfci.grid"
    label = "grid"
