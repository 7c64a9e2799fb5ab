"""Months follow each other without gap or overlap, and none that has begun moves, whatever zones are chosen."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from tfci.accounts import months
from tfci.accounts.months import CalendarMonth

NAMES = ["UTC", "Europe/Berlin", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu", "Asia/Beirut"]
MOMENTS = st.integers(0, 4 * 366 * 86400).map(
    lambda seconds: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
NOVEMBER = CalendarMonth(2026, 11)


@pytest.mark.parametrize("text", ["2026-11", "2000-01", "2999-12"])
def test_a_month_is_written_as_year_and_number(text):
    assert str(CalendarMonth.parse(text)) == text


@pytest.mark.parametrize(
    "text", ["", "2026-13", "2026-00", "26-11", "2026-1", "1999-12", "2026-11-01", "２026-11"]
)
def test_what_is_no_month_is_refused(text):
    with pytest.raises(ValueError):
        CalendarMonth.parse(text)


def test_a_month_begins_at_midnight_of_its_zone():
    zones = {"2026-11": "Europe/Berlin", "2027-02": "Asia/Kathmandu"}
    begins = {text: CalendarMonth.parse(text).begins_at(zones) for text in ("2026-10", "2026-11", "2027-02")}
    assert begins == {
        "2026-10": datetime(2026, 10, 1, tzinfo=UTC),
        "2026-11": datetime(2026, 10, 31, 23, tzinfo=UTC),
        "2027-02": datetime(2027, 1, 31, 18, 15, tzinfo=UTC),
    }


def test_a_zone_that_was_never_another_holds_for_every_month():
    assert {months.zone(month, months.always("UTC")) for month in (CalendarMonth(2000, 1), NOVEMBER)} == {
        "UTC"
    }


def test_another_zone_counts_from_the_next_month_on():
    now = NOVEMBER.begins_at({}) + timedelta(days=3)
    zones = months.changed({}, "Europe/Berlin", now)
    assert zones == {"2026-12": "Europe/Berlin"}
    assert months.changed(zones, "Asia/Kathmandu", now) == {"2026-12": "Asia/Kathmandu"}
    assert months.changed(zones, "UTC", now) == {}


@given(st.lists(st.tuples(MOMENTS, st.sampled_from(NAMES)), max_size=8), MOMENTS)
def test_each_moment_is_in_one_month_and_no_change_moves_a_month_that_has_begun(changes, moment):
    zones = {}
    for now, name in sorted(changes):
        known = months.month_of(now, zones)
        begun = [known, known.before, known.before.before]
        moments = [month.begins_at(zones) for month in begun]
        zones = months.changed(zones, name, now)
        assert [month.begins_at(zones) for month in begun] == moments
        assert months.zone(known.following, zones) == name
    month = months.month_of(moment, zones)
    assert month.begins_at(zones) <= moment < month.following.begins_at(zones)
    assert (month.following.before, month.before.following) == (month, month)
