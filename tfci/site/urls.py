"""Addresses of the pages for everybody."""

from django.urls import path

from tfci.site.views import health, landing

urlpatterns = [
    path("", landing.front, name="front"),
    path("health", health.health, name="health"),
]
