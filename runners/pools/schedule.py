"""When a pool keeps VMs ready: rows of weekdays and hours in the team's time zone, over the numbers that hold outside
them. Pure.

Hours are those of a clock on the wall, so a row follows daylight saving: an hour that comes twice counts twice, and one
that is left out is left out.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import groupby
from typing import TypedDict
from zoneinfo import ZoneInfo

from runners.jobs.labels import Size

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOURS = 24
STEP = timedelta(minutes=15)  # every zone of today is whole steps from UTC, and changes its clock at one
FARTHEST = timedelta(days=15)  # a row that one change of the clock leaves out comes within a week of it


class StoredRow(TypedDict):
    """A row in the pool's column, in the API and in files."""

    size: str
    vms: int
    weekdays: list[str]
    from_hour: int
    to_hour: int


@dataclass(frozen=True, slots=True)
class ScheduleRow:
    """So many VMs of a size from one hour to another on some weekdays (0: Monday); to an hour of the next day where it
    ends before it begins. `size` is canonical, as labels.py writes it."""

    size: str
    vms: int
    weekdays: frozenset[int]
    from_hour: int
    to_hour: int

    def covers(self, weekday: int, hour: int) -> bool:
        if self.from_hour < self.to_hour:
            return weekday in self.weekdays and self.from_hour <= hour < self.to_hour
        began_today = weekday in self.weekdays and hour >= self.from_hour
        began_yesterday = (weekday - 1) % len(WEEKDAYS) in self.weekdays and hour < self.to_hour
        return began_today or began_yesterday


@dataclass(frozen=True, slots=True)
class ReadySpan:
    """Hours of one day with the same VMs: size -> number."""

    from_hour: int
    to_hour: int
    vms: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.vms.values())


@dataclass(frozen=True)
class Schedule:
    """`base`: size -> VMs where no row of that size holds. Of several rows of a size the largest number holds."""

    base: Mapping[str, int]
    rows: Sequence[ScheduleRow]
    zone: ZoneInfo

    @classmethod
    def read(cls, counts: Mapping[str, int], stored: Iterable[StoredRow], zone: ZoneInfo) -> "Schedule":
        """Of a pool's own numbers and its rows, whose sizes may be spelled in any way."""
        base: Counter[str] = Counter()
        for size, count in counts.items():
            base[str(Size.parse(size))] += count
        return cls(base, [_row(each) for each in stored], zone)

    def at(self, moment: datetime) -> Mapping[str, int]:
        """Size -> VMs to be kept ready; sizes of which none are to be are missing."""
        local = moment.astimezone(self.zone)
        return self._hours[HOURS * local.weekday() + local.hour]

    def ahead(self, moment: datetime, leads: Mapping[str, timedelta]) -> Mapping[str, int]:
        """The same, with those that must start now to be ready in time: `leads` has how long each size takes."""
        found = Counter(self.at(moment))
        for size, lead in leads.items():
            found[size] = max(found[size], self.at(moment + lead).get(size, 0))
        return +found

    def next_change(self, moment: datetime) -> datetime | None:
        """When another number holds; None where that is never."""
        now, later = self.at(moment), moment - (moment - EPOCH) % STEP
        while later - moment < FARTHEST:
            later += STEP
            if self.at(later) != now:
                return later
        return None

    def spans(self, weekday: int) -> list[ReadySpan]:
        """The hours of that day in which VMs are kept ready."""
        day = self._hours[HOURS * weekday : HOURS * (weekday + 1)]
        return [span for span in _spans(day) if span.vms]

    @cached_property
    def vm_hours(self) -> Mapping[str, int]:
        """Size -> hours of VMs in a week."""
        return sum((Counter(hour) for hour in self._hours), Counter())

    @cached_property
    def peak(self) -> int:
        """The most VMs of all sizes together."""
        return max(sum(hour.values()) for hour in self._hours)

    @cached_property
    def _hours(self) -> Sequence[Mapping[str, int]]:
        """Of a week, from Monday's first."""
        return [self._in_hour(day, hour) for day in range(len(WEEKDAYS)) for hour in range(HOURS)]

    def _in_hour(self, weekday: int, hour: int) -> Mapping[str, int]:
        in_force = [row for row in self.rows if row.covers(weekday, hour)]
        largest: Counter[str] = Counter()
        for row in in_force:
            largest[row.size] = max(largest[row.size], row.vms)
        return +Counter({**self.base, **largest})


def _row(stored: StoredRow) -> ScheduleRow:
    weekdays = frozenset(map(WEEKDAYS.index, stored["weekdays"]))
    size = str(Size.parse(stored["size"]))
    return ScheduleRow(size, stored["vms"], weekdays, stored["from_hour"], stored["to_hour"])


def _spans(hours: Sequence[Mapping[str, int]]) -> Iterator[ReadySpan]:
    for vms, run in groupby(range(len(hours)), key=lambda hour: hours[hour]):
        found = list(run)
        yield ReadySpan(found[0], found[-1] + 1, vms)
