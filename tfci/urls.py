"""The front door: which app answers which address."""

from django.urls import include, path

urlpatterns = [
    path("", include("tfci.pages.urls")),
    path("", include("runners.web.urls")),
    path("", include("tfci.accounts.urls")),
    path("accounts/", include("allauth.urls")),
]
