"""Spans of whole days, and which one comes before another. Pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Self

DAY = timedelta(days=1)
COLUMNS = 62  # of a chart


def midnight(day: date, zone: tzinfo) -> datetime:
    """When that day begins there."""
    return datetime.combine(day, time.min, zone)


@dataclass(frozen=True, slots=True)
class DateSpan:
    """From the first day to the last, both included."""

    first: date
    last: date

    @classmethod
    def ending(cls, last: date, days: int) -> Self:
        """
        >>> DateSpan.ending(date(2026, 3, 2), 3).first
        datetime.date(2026, 2, 28)
        """
        return cls(last - DAY * (days - 1), last)

    @classmethod
    def month(cls, day: date) -> Self:
        """The calendar month of that day."""
        return cls(day.replace(day=1), (day.replace(day=28) + 4 * DAY).replace(day=1) - DAY)

    @property
    def length(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def days(self) -> list[date]:
        return [self.first + DAY * n for n in range(self.length)]

    @property
    def before(self) -> Self:
        """What to compare with: of a month or its first days the same of the month before, else as many days right
        before."""
        month = self.month(self.first)
        previous = self.month(month.first - DAY)
        if self == month:
            return previous
        if self.first == month.first and 1 < self.length < month.length:
            return type(self)(previous.first, min(previous.first + DAY * (self.length - 1), previous.last))
        return self.ending(self.first - DAY, self.length)

    def columns(self) -> list["DateSpan"]:
        """A chart's, the oldest first: its days, or its weeks where these are too many."""
        days = self.days
        if len(days) <= COLUMNS:
            return [DateSpan(day, day) for day in days]
        begins = [day for day in days if day == self.first or day.weekday() == 0]
        ends = [day - DAY for day in begins[1:]] + [self.last]
        return [DateSpan(begin, end) for begin, end in zip(begins, ends, strict=True)]
