"""The front door: which room answers which address."""

from django.urls import include, path

from tfci import pages

urlpatterns = [
    path("", pages.front, name="front"),
    path("", include("runners.urls")),
    path("", include("billing.urls")),
    path("", include("tfci.accounts.urls")),
    path("health", pages.health, name="health"),
    path("accounts/", include("allauth.urls")),
]
