"""Days and months of a team's zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as st

from billing.spending import periods

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
MOMENTS = st.integers(0, 4 * 366 * 24 * 60).map(lambda minutes: NOON + timedelta(minutes=minutes))
ZONES = st.sampled_from(["UTC", "Europe/Brussels", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia"])


@pytest.mark.parametrize(
    "at, zone, since, until",
    [
        ("2026-06-01T12:00Z", "UTC", "2026-06-01T00:00Z", "2026-06-02T00:00Z"),
        ("2026-06-01T23:30Z", "Europe/Brussels", "2026-06-01T22:00Z", "2026-06-02T22:00Z"),
        ("2026-03-29T12:00Z", "Europe/Brussels", "2026-03-28T23:00Z", "2026-03-29T22:00Z"),  # 23 hours
        ("2026-10-25T12:00Z", "Europe/Brussels", "2026-10-24T22:00Z", "2026-10-25T23:00Z"),  # 25 hours
        ("2026-06-01T12:00Z", "Asia/Kathmandu", "2026-05-31T18:15Z", "2026-06-01T18:15Z"),
    ],
)
def test_a_day_begins_and_ends_at_the_teams_midnight(at, zone, since, until):
    span = periods.day(datetime.fromisoformat(at), ZoneInfo(zone))
    assert (span.since, span.until) == (datetime.fromisoformat(since), datetime.fromisoformat(until))


@pytest.mark.parametrize(
    "at, since, until",
    [
        ("2026-02-28T22:59Z", "2026-01-31T23:00Z", "2026-02-28T23:00Z"),
        ("2026-02-28T23:00Z", "2026-02-28T23:00Z", "2026-03-31T22:00Z"),
        ("2026-12-31T12:00Z", "2026-11-30T23:00Z", "2026-12-31T23:00Z"),
    ],
)
def test_a_month_begins_on_its_first_day_there(at, since, until):
    span = periods.month(datetime.fromisoformat(at), ZoneInfo("Europe/Brussels"))
    assert (span.since, span.until) == (datetime.fromisoformat(since), datetime.fromisoformat(until))


@given(at=MOMENTS, zone=ZONES)
def test_each_moment_is_in_its_day_and_the_next_one_follows(at, zone):
    for span_of, least, most in ((periods.day, 22, 26), (periods.month, 24 * 28 - 2, 24 * 31 + 2)):
        span = span_of(at, ZoneInfo(zone))
        assert span.since <= at < span.until
        assert timedelta(hours=least) <= span.until.astimezone(UTC) - span.since <= timedelta(hours=most)
        assert span_of(span.until.astimezone(UTC), ZoneInfo(zone)).since == span.until
