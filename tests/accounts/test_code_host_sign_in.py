"""Signing in by a code host. (Against a real Gitea it was tried by hand: docs/not-yet.md.)"""

from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount import providers
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.gitea.provider import GiteaProvider
from django.test import Client
from django.urls import reverse

from tests.builders import a_team
from tests.people import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def gitea(settings, monkeypatch):
    """As where FARMHAND_GITEA_SIGN_IN is set."""
    monkeypatch.setitem(providers.registry.provider_map, "gitea", GiteaProvider)
    settings.SOCIALACCOUNT_PROVIDERS = {"gitea": {"APPS": [{"client_id": "id", "secret": "s3cret"}]}}
    settings.ROOT_URLCONF = "tests.accounts.urls_with_gitea"


@pytest.fixture
def ana():
    return client_of("owner", a_team())


@pytest.mark.parametrize("page", ["account_login", "account_signup"])
def test_strangers_may_go_on_with_it(gitea, page):
    assert "Continue with Gitea" in Client().get(reverse(page)).text


def test_the_way_leads_to_the_code_host_and_names_no_secret(gitea):
    answer = Client().post(reverse("gitea_login") + "?process=login")
    there = urlsplit(answer.url)
    assert (there.hostname, there.path) == ("gitea.com", "/login/oauth/authorize")
    assert parse_qs(there.query)["client_id"] == ["id"]
    assert "s3cret" not in answer.url


def test_looking_at_the_address_sends_nobody_away(gitea):
    answer = Client().get(reverse("gitea_login"))
    assert (answer.status_code, "Sign in with Gitea" in answer.text) == (200, True)


def test_an_account_offers_to_link_it(gitea, ana):
    page = ana.get(reverse("socialaccount_connections")).text
    assert "No connected accounts yet." in page
    assert "Connect Gitea" in page


def test_the_last_way_in_is_not_unlinked(gitea, ana):
    linked = SocialAccount.objects.create(user=ana.user, provider="gitea", uid="7", extra_data={})
    ana.user.set_unusable_password()
    ana.user.save()
    ana.force_login(ana.user)
    answer = ana.post(reverse("socialaccount_connections"), {"account": linked.pk})
    assert "Choose a password first" in answer.text
    assert SocialAccount.objects.exists()


def test_one_of_two_ways_in_is_unlinked(gitea, ana):
    linked = SocialAccount.objects.create(user=ana.user, provider="gitea", uid="7", extra_data={})
    ana.user.set_password("correct horse battery")
    ana.user.save()
    ana.force_login(ana.user)
    ana.user.emailaddress_set.create(email=ana.user.email, verified=True, primary=True)
    asked = ana.post(reverse("socialaccount_connections"), {"account": linked.pk})
    assert asked.url.startswith(reverse("account_reauthenticate")) and SocialAccount.objects.exists()
    again = {"password": "correct horse battery", "next": reverse("socialaccount_connections")}
    answer = ana.post(asked.url, again, follow=True)
    assert "Disconnected. You can no longer sign in with this account." in answer.text
    assert not SocialAccount.objects.exists()


def test_where_none_is_set_up_nothing_is_offered(ana):
    assert "has not set up a sign-in provider" in ana.get(reverse("socialaccount_connections")).text
    assert "Continue with" not in Client().get(reverse("account_login")).text
