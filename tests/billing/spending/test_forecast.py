"""Forecasts of what will be spent."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from billing.spending import forecast
from billing.spending.forecast import HOUR, WEEKS, UsualSpending
from billing.spending.limit import RunningVM
from tfci.core.tft import Tft

MONDAY = datetime(
    2026, 6, 1, 12, tzinfo=UTC
)  # noon, 12 hours before midnight, 29.5 days before the month's end
BRUSSELS = ZoneInfo("Europe/Brussels")


def tft(text):
    return Tft.parse(text)


def every_hour(amount, since, until=MONDAY):
    return [(since + number * HOUR, tft(amount)) for number in range((until - since) // HOUR)]


def runs(per_hour, pool_id=7):
    return RunningVM(pool_id, "", tft(per_hour), Tft())


def test_nothing_runs_and_nothing_was_spent():
    found = forecast.forecast([], forecast.usual([], MONDAY, UTC), MONDAY, UTC)
    assert not any([found.next_hour, found.rest_of_day, found.rest_of_month, found.per_day])


def test_what_runs_counts_for_the_next_hour_and_what_stays_for_all_of_it():
    found = forecast.forecast([runs("3"), runs("1", None)], UsualSpending(), MONDAY, UTC)
    assert found.next_hour == tft("4")
    assert found.rest_of_day == tft("15")  # 4 and 11 hours of 1
    assert found.rest_of_month == tft("711")  # 29.5 days
    assert found.per_hour == tft("4")


def test_what_an_hour_usually_takes_counts_where_that_is_more():
    usually = forecast.usual(every_hour("2", MONDAY - WEEKS), MONDAY, UTC)
    assert forecast.forecast([], usually, MONDAY, UTC).rest_of_day == tft("24")
    assert forecast.forecast([runs("1")], usually, MONDAY, UTC).next_hour == tft("2")
    assert forecast.forecast([runs("5")], usually, MONDAY, UTC).rest_of_day == tft("27")
    assert forecast.forecast([], usually, MONDAY, UTC).per_day == tft("48")


def test_each_hour_of_the_week_has_its_own_average_in_the_teams_zone():
    """Mondays at 15:00 in Brussels took 4, 8, 0 and 0, and other hours nothing but the first."""
    first = MONDAY - WEEKS
    charges = [
        (first, tft("0.0000001")),
        *((first + timedelta(weeks=n, hours=1), tft(amount)) for n, amount in ((0, "4"), (1, "8"))),
    ]
    usually = forecast.usual(charges, MONDAY, BRUSSELS)
    assert usually.at(datetime(2026, 6, 1, 15, tzinfo=BRUSSELS)) == tft("3")
    assert usually.at(datetime(2026, 6, 2, 15, tzinfo=BRUSSELS)) == 0
    found = forecast.forecast([], usually, MONDAY + HOUR / 2, BRUSSELS)
    assert found.next_hour == tft("1.5")  # half of that hour
    assert found.rest_of_day == tft("3")


def test_the_first_days_are_taken_for_any_hour_alike():
    usually = forecast.usual(every_hour("1", MONDAY - 48 * HOUR), MONDAY, UTC)
    assert (usually.mean, usually.over) == (tft("1"), 48 * HOUR)
    began = forecast.usual([(MONDAY - HOUR, tft("24"))], MONDAY, UTC)
    assert began.mean == tft("1")


def test_the_hour_that_has_not_ended_and_what_is_older_do_not_count():
    charges = [(MONDAY, tft("100")), (MONDAY - WEEKS - HOUR, tft("100"))]
    assert forecast.usual(charges, MONDAY + HOUR / 2, UTC) == UsualSpending()


@pytest.mark.parametrize("day, hours", [((3, 29), 23), ((10, 25), 25)])
def test_days_on_which_the_clock_changes_have_their_own_length(day, hours):
    midnight = datetime(2026, *day, tzinfo=BRUSSELS).astimezone(UTC)
    found = forecast.forecast([runs("1", None)], UsualSpending(), midnight, BRUSSELS)
    assert found.rest_of_day == tft(str(hours))


@given(
    minutes=st.integers(0, 60 * 24 * 40),
    amounts=st.lists(st.integers(0, 10**9), max_size=60),
    per_hour=st.integers(0, 10**9),
    zone=st.sampled_from(["UTC", "Europe/Brussels", "Asia/Kathmandu"]),
)
def test_more_that_runs_never_makes_it_less_and_a_day_is_part_of_its_month(minutes, amounts, per_hour, zone):
    now, place = MONDAY + timedelta(minutes=minutes), ZoneInfo(zone)
    usually = forecast.usual(
        [(MONDAY - number * 11 * HOUR, Tft(amount)) for number, amount in enumerate(amounts)], now, place
    )
    less = forecast.forecast([], usually, now, place)
    more = forecast.forecast([RunningVM(7, "", Tft(per_hour), Tft())], usually, now, place)
    for name in ("next_hour", "rest_of_day", "rest_of_month", "per_day"):
        assert 0 <= getattr(less, name) <= getattr(more, name)
    assert less.rest_of_day <= less.rest_of_month
    assert more.next_hour >= per_hour
