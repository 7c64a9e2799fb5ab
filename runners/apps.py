from django.apps import AppConfig


class Runners(AppConfig):
    name = "runners"
    label = "runners"
