"""The front door: which room answers which address."""

from django.urls import include, path

from tfci import pages

urlpatterns = [
    path("health", pages.health, name="health"),
    path("accounts/", include("allauth.urls")),
]
