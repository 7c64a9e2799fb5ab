"""Months of a calendar whose time zone may change, and when each begins. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self
from zoneinfo import ZoneInfo

Zones = Mapping[str, str]  # "2026-11" -> the time zone from that month on; UTC before the first of them

WRITTEN = re.compile(r"(2[0-9]{3})-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class CalendarMonth:
    """
    >>> str(CalendarMonth.parse("2026-12").following)
    '2027-01'
    """

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError for all but a month of this millennium, written as 2026-11."""
        found = WRITTEN.fullmatch(text)
        if not found:
            raise ValueError(text)
        return cls(int(found[1]), int(found[2]))

    @property
    def following(self) -> Self:
        return type(self)(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def before(self) -> Self:
        return type(self)(self.year - (self.number == 1), (self.number - 2) % 12 + 1)

    def begins_at(self, zones: Zones) -> datetime:
        """Its first midnight, in the time zone of that month."""
        return datetime(self.year, self.number, 1, tzinfo=ZoneInfo(zone(self, zones)))

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"


def zone(month: CalendarMonth, zones: Zones) -> str:
    """The time zone in which it begins."""
    since = max((each for each in zones if each <= str(month)), default=None)
    return zones[since] if since else "UTC"


def month_of(at: datetime, zones: Zones) -> CalendarMonth:
    day = at.astimezone(UTC)
    month = CalendarMonth(day.year, day.month).following  # no zone is a day ahead of UTC
    while month.begins_at(zones) > at:
        month = month.before
    return month


def always(zone: str) -> dict[str, str]:
    """One that was never another."""
    return {"2000-01": zone}


def changed(zones: Zones, to: str, now: datetime) -> dict[str, str]:
    """With another time zone from the next month on, so that no month that has begun begins at another moment."""
    following = month_of(now, zones).following
    others = {month: name for month, name in zones.items() if month != str(following)}
    return others if zone(following, others) == to else {**others, str(following): to}
