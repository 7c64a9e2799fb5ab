"""What a team has left, exactly, and how long it lasts: at the rate of what runs, and at the average of its days."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from redis import RedisError

from billing import funds, ledger
from billing.funds import Average, Funds, Rate
from tests.builders import NOON, a_team, a_twin, a_wallet
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db
NOTHING_UP = Rate()
FIVE_IDLE = Rate(5, Tft.parse("93"))


@pytest.fixture
def wallet():
    return a_wallet(a_team("Kestrel Labs"), tft="10", twin=a_twin())


def spend(wallet, amount, days=0):
    ledger.charge(wallet, f"k{amount}", Tft.parse(amount), NOON - timedelta(days=days), use="job")


def average_of(wallet):
    cache.clear()
    return funds.average(wallet.team, NOON)


def left(balance, rate=NOTHING_UP, per_day="0", days=14):
    return Funds(Tft.parse(balance), rate, Average(Tft.parse(per_day), days))


def test_an_hour_that_is_left_is_never_called_194_days():
    found = left("99.5", FIVE_IDLE, "0.5128865")
    assert found.at_average == pytest.approx(timedelta(days=194), abs=timedelta(hours=1))
    assert found.at_rate == found.time_left == pytest.approx(timedelta(minutes=64), abs=timedelta(minutes=1))
    assert found.low


def test_the_shorter_of_the_two_counts_whichever_it_is():
    assert left("10", Rate(1, Tft.parse("0.001")), "5").time_left == timedelta(days=2)
    assert left("10", Rate(1, Tft.parse("1")), "0.1").time_left == timedelta(hours=10)
    assert left("10", Rate(), "5").time_left == timedelta(days=2)


@pytest.mark.parametrize(
    ("found", "low"),
    [
        (left("100", Rate(1, Tft.parse("2.125")), "1"), False),  # one job's VM on a fresh team's grant
        (left("100", Rate(4, Tft.parse("8.5")), "1"), True),
        (left("100", Rate(), "33.4"), True),
        (left("100", Rate(), "33"), False),
        (left("0"), True),
        (left("-1", FIVE_IDLE), True),
        (left("100"), False),
    ],
)
def test_it_is_low_with_less_than_half_a_day_at_the_rate_or_three_on_average(found, low):
    assert found.low is low


def test_what_is_not_spent_lasts_for_ever_and_more_than_ten_years_is_no_number():
    assert left("10").time_left is None
    assert left("10", Rate(), "0.0027").time_left is None
    assert left("0", FIVE_IDLE, "1").time_left is None


def test_the_average_is_over_the_days_in_which_the_team_spent_at_most_14(wallet):
    assert average_of(wallet) == Average(Tft(0), 14)
    spend(wallet, "0.5")
    assert average_of(wallet) == Average(Tft.parse("0.5"), 1)
    spend(wallet, "1.5", days=3)
    assert average_of(wallet) == Average(Tft.parse("0.6666667"), 3)
    spend(wallet, "5", days=14)
    assert average_of(wallet) == Average(Tft.parse("0.5"), 14)
    spend(wallet, "3", days=15)
    assert average_of(wallet) == Average(Tft.parse("0.5"), 14)


def test_averages_of_many_teams_are_read_at_once(wallet, django_assert_num_queries):
    other = a_wallet(a_team("Others"), twin=wallet.twin)
    spend(wallet, "2")
    with django_assert_num_queries(1):
        found = funds.averages([wallet.team_id, other.team_id], NOON)
    assert found == {wallet.team_id: Average(Tft.parse("2"), 1)}


def test_an_average_is_remembered(wallet, django_assert_num_queries):
    spend(wallet, "2")
    funds.average(wallet.team, NOON)
    spend(wallet, "1")
    with django_assert_num_queries(0):
        assert funds.average(wallet.team, NOON) == Average(Tft.parse("2"), 1)


@pytest.mark.parametrize(("spent", "seconds"), [("0", funds.EMPTY_CACHE_SECONDS), ("2", funds.CACHE_SECONDS)])
def test_that_nothing_was_spent_is_remembered_briefly(wallet, monkeypatch, spent, seconds):
    kept = []
    monkeypatch.setattr(cache, "set", lambda key, value, timeout: kept.append(timeout))
    if spent != "0":
        spend(wallet, spent)
    funds.average(wallet.team, NOON)
    assert kept == [seconds]


def test_a_cache_that_is_down_takes_no_page_down(wallet, monkeypatch):
    def down(*_):
        raise RedisError

    monkeypatch.setattr(cache, "get", down)
    monkeypatch.setattr(cache, "set", down)
    spend(wallet, "2")
    assert funds.average(wallet.team, NOON).per_day == Tft.parse("2")
