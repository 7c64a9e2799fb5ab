"""The front door of an installation whose operator has set up sign-in with a Gitea."""

from allauth.socialaccount.providers.gitea.urls import urlpatterns as gitea
from django.urls import include, path

from tfci.urls import urlpatterns as house

urlpatterns = [*house, path("accounts/", include(gitea))]
