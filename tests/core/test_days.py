"""Days of the reader's zone as moments."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from tfci.core import days


def test_a_day_ends_where_the_next_one_begins():
    with timezone.override("Pacific/Kiritimati"):
        assert (
            days.begin(date(2026, 6, 2)) == days.end(date(2026, 6, 1)) == datetime(2026, 6, 1, 10, tzinfo=UTC)
        )


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_the_calendars_last_days_end(zone):
    with timezone.override(zone):
        assert days.end(date.max) - days.begin(date.max) == timedelta(days=1, microseconds=-1)
        assert days.end(date.max - timedelta(days=1)) == days.begin(date.max)
