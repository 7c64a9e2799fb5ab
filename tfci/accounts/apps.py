from django.apps import AppConfig


class Accounts(AppConfig):
    name = "tfci.accounts"
    label = "accounts"
