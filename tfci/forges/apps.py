from django.apps import AppConfig


class Forges(AppConfig):
    name = "tfci.forges"
    label = "forges"
