"""The sidebar's wallet: what is left, exactly, and how long it lasts."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.template.loader import render_to_string
from django.urls import reverse
from redis import RedisError

from billing import ledger, purse
from tests.builders import NOON, a_team, a_twin, a_wallet
from tests.people import client_of
from tfci.tft import Tft

pytestmark = pytest.mark.django_db


@pytest.fixture
def wallet():
    return a_wallet(a_team("Kestrel Labs"), tft="10", twin=a_twin())


def spend(wallet, amount):
    ledger.charge(wallet, f"k{amount}", Tft.parse(amount), NOON, use="job")


def test_it_lasts_as_long_as_the_last_day_says(wallet):
    spend(wallet, "2")
    found = purse.of(wallet.team, NOON)
    assert (found.balance, found.lasts, found.low) == (Tft.parse("8"), timedelta(days=4), False)


def test_what_lasts_three_days_or_less_is_low(wallet):
    spend(wallet, "3")
    assert purse.of(wallet.team, NOON).low


def test_nothing_spent_lasts_for_ever_and_nothing_left_is_low(wallet):
    assert purse.of(wallet.team, NOON).lasts is None
    assert purse.Purse(Tft(0), Tft(5)).low


def test_the_balance_is_exact_though_the_pace_is_remembered(wallet, django_assert_num_queries):
    spend(wallet, "2")
    purse.of(wallet.team, NOON)
    spend(wallet, "1")
    with django_assert_num_queries(1):
        assert purse.of(wallet.team, NOON) == purse.Purse(Tft.parse("7"), Tft.parse("2"))


@pytest.mark.parametrize(("spent", "seconds"), [("0", purse.BRIEFLY), ("2", purse.KEPT)])
def test_that_nothing_was_spent_is_remembered_briefly(wallet, monkeypatch, spent, seconds):
    kept = []
    monkeypatch.setattr(cache, "set", lambda key, value, timeout: kept.append(timeout))
    if spent != "0":
        spend(wallet, spent)
    purse.of(wallet.team, NOON)
    assert kept == [seconds]


def test_a_cache_that_is_down_takes_no_page_down(wallet, monkeypatch):
    def down(*_):
        raise RedisError

    monkeypatch.setattr(cache, "get", down)
    monkeypatch.setattr(cache, "set", down)
    spend(wallet, "2")
    assert purse.of(wallet.team, NOON).pace == Tft.parse("2")


def test_every_page_of_a_team_shows_it_and_renews_it_by_itself(wallet):
    client = client_of("viewer", wallet.team)
    page = client.get(reverse("team", args=[wallet.team.slug])).text
    assert "10.0000000" in page
    part = client.get(reverse("purse", args=[wallet.team.slug])).text
    assert part.strip().startswith('<section id="purse"')
    assert 'data-live="money"' in part


def test_pages_of_no_team_show_none(wallet):
    assert 'id="purse"' not in client_of("owner", wallet.team).get(reverse("profile")).text


@pytest.mark.parametrize(
    ("pace", "said"), [("0", "Nothing spent in 24 h"), ("0.01", "more than 10 years"), ("2", "Lasts 50 days")]
)
def test_how_long_it_lasts_is_said_in_words(pace, said):
    found = purse.Purse(Tft.parse("100"), Tft.parse(pace))
    page = render_to_string("billing/purse.html", {"purse": found, "request": {"team": {"slug": "acme"}}})
    assert said in page
