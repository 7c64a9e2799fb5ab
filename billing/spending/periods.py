"""The day and the month of a moment in a team's time zone. Pure."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from billing.spending_kinds import LimitPeriod

LONGEST_MONTH = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class PeriodSpan:
    """From `since` to before `until`, both at midnight in the team's zone."""

    since: datetime
    until: datetime


def day(now: datetime, zone: tzinfo) -> PeriodSpan:
    """The day in which that moment lies: 23 or 25 hours where the clock changes."""
    today = now.astimezone(zone).date()
    return PeriodSpan(
        datetime.combine(today, time.min, zone), datetime.combine(today + timedelta(days=1), time.min, zone)
    )


def month(now: datetime, zone: tzinfo) -> PeriodSpan:
    first = now.astimezone(zone).date().replace(day=1)
    following = (first + LONGEST_MONTH).replace(day=1)
    return PeriodSpan(datetime.combine(first, time.min, zone), datetime.combine(following, time.min, zone))


def current(period: LimitPeriod, now: datetime, zone: tzinfo) -> PeriodSpan:
    """The day or month that lasts now. A job has none."""
    return day(now, zone) if period == LimitPeriod.DAY else month(now, zone)
