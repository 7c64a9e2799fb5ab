"""API tokens: shown once, kept as a digest."""

from datetime import timedelta

import pytest
from django.core import serializers
from django.urls import reverse

from tests.builders import NOON, a_team, a_user
from tests.people import client_of
from tfci.accounts import tokens
from tfci.accounts.models import AuditEntry, Token

pytestmark = pytest.mark.django_db


@pytest.fixture
def made():
    return tokens.make(a_team(), "deploy", "read", a_user(), NOON)


def test_the_token_itself_stands_in_no_row(made):
    _, secret = made
    kept = serializers.serialize("json", [*Token.objects.all(), *AuditEntry.objects.all()])
    assert secret.reveal() not in kept
    assert secret.reveal()[tokens.SHOWN :] not in kept


def test_a_token_is_found_by_its_text(made):
    token, secret = made
    assert tokens.find(secret.reveal(), NOON) == token


@pytest.mark.parametrize("text", ["", "fh_", "fh_" + "a" * 43])
def test_another_text_finds_nothing(made, text):
    assert tokens.find(text, NOON) is None


def test_the_prefix_alone_finds_nothing(made):
    assert tokens.find(made[0].prefix, NOON) is None


def test_a_revoked_token_is_refused_at_once(made):
    token, secret = made
    assert tokens.revoke(token, a_user(), NOON)
    assert tokens.find(secret.reveal(), NOON) is None


def test_revoking_twice_is_one_entry_in_the_audit_log(made):
    token, _ = made
    tokens.revoke(token, a_user(), NOON)
    assert not tokens.revoke(token, a_user(), NOON)
    assert AuditEntry.objects.filter(what="tokens.revoke").count() == 1


def test_use_is_noted_at_most_once_a_minute(made):
    token, secret = made
    for seconds in (0, 59, 60):
        tokens.find(secret.reveal(), NOON + timedelta(seconds=seconds))
        token.refresh_from_db()
        assert token.last_used_at == NOON + timedelta(seconds=60 if seconds == 60 else 0)


def test_the_page_shows_a_new_token_once_and_asks_no_cache_to_keep_it():
    team = a_team()
    client, url = client_of("admin", team), reverse("tokens", args=[team.slug])
    answer = client.post(url, {"name": "deploy", "scope": "write", "days": 90})
    shown = answer.context["made"]
    assert shown in answer.text
    assert "no-store" in answer["Cache-Control"]
    assert tokens.find(shown, NOON).scope == "write"
    assert shown not in client.get(url).text


@pytest.mark.parametrize(
    "name, says",
    [
        ("", "This field is required."),
        ("a\nb", "Remove line breaks"),
        ("\x1b[2Jdeploy", "Remove line breaks"),
        ("a\u202eb", "invisible characters"),
        ("a\u2028b", "Remove line breaks"),
    ],
)
def test_a_form_without_a_proper_name_makes_no_token(name, says):
    team = a_team()
    answer = client_of("admin", team).post(
        reverse("tokens", args=[team.slug]), {"name": name, "scope": "read"}
    )
    assert says in answer.text
    assert not Token.objects.exists()


def test_revoking_asks_first():
    team = a_team()
    token, _ = tokens.make(team, "deploy", "read", None, NOON)
    client, url = client_of("admin", team), reverse("token_revoke", args=[team.slug, token.pk])
    assert "Revoke the token deploy?" in client.get(url).text
    token.refresh_from_db()
    assert token.revoked_at is None
    client.post(url)
    token.refresh_from_db()
    assert token.revoked_at


@pytest.mark.parametrize(
    "days, later, lives", [(30, 29.9, True), (30, 30, False), (None, 5000, True), (0, 5000, True)]
)
def test_a_token_may_end_by_itself(days, later, lives):
    token, secret = tokens.make(a_team(), "deploy", "read", None, NOON, days=days)
    assert bool(tokens.find(secret.reveal(), NOON + timedelta(days=later))) is lives


def test_the_page_shows_when_tokens_end():
    team = a_team()
    client, url = client_of("admin", team), reverse("tokens", args=[team.slug])
    client.post(url, {"name": "deploy", "scope": "read", "days": 0})
    tokens.make(team, "old", "read", None, NOON - timedelta(days=3650), days=30)
    page = client.get(url).text
    assert page.count("Ended</span>") == 1
    assert Token.objects.get(name="deploy").expires_at is None
