"""What will be spent until day and month end, from what runs now and the same hours of the last weeks. Pure.

Most VMs are gone with their job. So what runs now counts for the next hour, and what stays up (servers) for as long as
is looked ahead; each hour counts as what usually is spent in that hour of the week, where that is more.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from billing import pricing
from billing.spending import periods
from billing.spending.limit import RunningVM
from tfci.core.tft import Tft

WEEKS = timedelta(weeks=4)  # that are looked back
WEEK, DAY, HOUR = timedelta(weeks=1), timedelta(days=1), timedelta(hours=1)
LOOKED_BACK = WEEKS + HOUR  # the hour that has not ended is left out
MILLISECOND = timedelta(milliseconds=1)
LONGEST = 3650  # days that are shown

Charges = Sequence[tuple[datetime, Tft]]  # what hours or parts of them took, by when they begin


@dataclass(frozen=True, slots=True)
class UsualSpending:
    """What an hour takes on average: by weekday and hour of the team's zone, or any hour alike (`mean`) while there is
    less than a week to look at. `over`: the time that was looked at."""

    over: timedelta = timedelta(0)
    mean: Tft = field(default_factory=Tft)
    by_hour: Mapping[tuple[int, int], Tft] = field(default_factory=dict)

    def at(self, local: datetime) -> Tft:
        return self.by_hour.get((local.weekday(), local.hour), Tft()) if self.by_hour else self.mean


def usual(charges: Charges, now: datetime, zone: tzinfo) -> UsualSpending:
    """Of the whole hours since the first charge of the last weeks. The first day counts as a whole one, so that an hour
    of work is not taken for what follows day and night."""
    current = _hour(now)
    counted = [(at, amount) for at, amount in charges if current - WEEKS <= at < current]
    if not counted:
        return UsualSpending()
    first = _hour(min(at for at, _ in counted))
    over = current - first
    if over < WEEK:
        hours = max(over, DAY) // HOUR
        return UsualSpending(over, sum((amount for _, amount in counted), Tft()).share(1, hours))
    sums: dict[tuple[int, int], Tft] = defaultdict(Tft)
    times: dict[tuple[int, int], int] = defaultdict(int)
    for at, amount in counted:
        sums[_place(at, zone)] += amount
    for number in range(over // HOUR):
        times[_place(first + number * HOUR, zone)] += 1
    return UsualSpending(over, by_hour={place: total.share(1, times[place]) for place, total in sums.items()})


@dataclass(frozen=True, slots=True)
class Forecast:
    """What comes in the next hour, and until day and month end. `per_day`: on average of the next week. `per_hour`: of
    what runs now; `over`: what the averages are from."""

    next_hour: Tft
    rest_of_day: Tft
    rest_of_month: Tft
    per_day: Tft
    per_hour: Tft
    over: timedelta

    def time_left(self, balance: Tft) -> timedelta | None:
        """How long a balance lasts at the average of the next week; None where nothing is spent or left."""
        return (
            balance / self.per_day * DAY
            if self.per_day > 0 and 0 < balance < LONGEST * self.per_day
            else None
        )


def forecast(vms: Sequence[RunningVM], usually: UsualSpending, now: datetime, zone: tzinfo) -> Forecast:
    """`vms`: those that run now; what belongs to no pool stays up."""
    return Forecast(
        next_hour=until(now + HOUR, vms, usually, now, zone),
        rest_of_day=until(periods.day(now, zone).until, vms, usually, now, zone),
        rest_of_month=until(periods.month(now, zone).until, vms, usually, now, zone),
        per_day=until(now + WEEK, vms, usually, now, zone).share(1, WEEK // DAY),
        per_hour=sum((vm.per_hour for vm in vms), Tft()),
        over=usually.over,
    )


def until(
    end: datetime, vms: Sequence[RunningVM], usually: UsualSpending, now: datetime, zone: tzinfo
) -> Tft:
    """What comes from now to then."""
    running = sum((vm.per_hour for vm in vms), Tft())
    staying = sum((vm.per_hour for vm in vms if vm.pool_id is None), Tft())
    soon = min(now + HOUR, end)
    return _between(now, soon, running, usually, zone) + _between(soon, end, staying, usually, zone)


def _between(since: datetime, until: datetime, at_least: Tft, usually: UsualSpending, zone: tzinfo) -> Tft:
    """At least so much an hour."""
    total = Tft()
    for begin, end in _hours(since, until):
        per_hour = max(at_least, usually.at(begin.astimezone(zone)))
        total += pricing.cost(per_hour, (end - begin) // MILLISECOND)
    return total


def _hours(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """That time cut where hours begin."""
    while since < until:
        following = min(_hour(since) + HOUR, until)
        yield since, following
        since = following


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _place(at: datetime, zone: tzinfo) -> tuple[int, int]:
    local = at.astimezone(zone)
    return local.weekday(), local.hour
