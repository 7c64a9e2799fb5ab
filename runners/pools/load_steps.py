"""How many VMs more a pool holds ready while its VMs work hard, one step after the other. Pure.

A VM has one job, so another VM makes no running job faster. What more VMs do is to have those that
follow begin at once while all are at work, and where others take from a node's processors, to begin elsewhere.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

GAP = timedelta(minutes=3)  # between two readings; after a longer one earlier readings don't count


@dataclass(frozen=True, slots=True)
class SizePressure:
    """Of one size. `high` since `since` without a break; `extra` VMs are held ready because of it."""

    high: bool
    since: datetime
    extra: int
    changed_at: datetime | None
    read_at: datetime


def follow(
    was: SizePressure | None, used: int | None, target: int, duration: timedelta, room: int, now: datetime
) -> SizePressure:
    """After one more reading: `used` thousandths of the processors, None where no job runs; `target` in percent. One
    VM more when it was high for so long and there is room, one fewer when it was not for so long; and each step
    waits as long again."""
    high = used is not None and used >= 10 * target
    continues = was is not None and was.high == high and now - was.read_at <= GAP
    pressure = SizePressure(
        high,
        was.since if was and continues else now,
        was.extra if was else 0,
        was.changed_at if was else None,
        now,
    )
    began = max(pressure.since, pressure.changed_at or pressure.since)
    if now - began < duration:
        return pressure
    step = int(high and room > 0) - int(not high and pressure.extra > 0)
    return replace(pressure, extra=pressure.extra + step, changed_at=now) if step else pressure
