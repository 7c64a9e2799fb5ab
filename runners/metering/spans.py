"""A VM's history -> spans of its time, each with one use. Pure.

A VM is metered from its contract's creation to its confirmed cancel, as the chain does. The spans fill that
time exactly: no gap, no overlap. Whole milliseconds, so that sums stay exact.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from billing.uses import Use

MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class JobSpan:
    """A job's time on a VM; `until` is None while it runs."""

    job_id: int
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Rebooted:
    """The time between two jobs in which a VM was made anew; `until` is None while it has not come back."""

    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class DebugSpan:
    """The time after a job in which somebody was in the VM; `until` is None while it has not ended."""

    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Span:
    """Milliseconds since the contract's creation: from `start` to before `stop`."""

    use: Use
    job_id: int | None
    start: int
    stop: int


def spans(
    since: datetime,
    until: datetime,
    claimed_at: datetime | None,
    jobs: Sequence[JobSpan],
    reboots: Sequence[Rebooted] = (),
    kept: Sequence[DebugSpan] = (),
    removing_at: datetime | None = None,
) -> list[Span]:
    """All time from `since` to `until`: boot up to the claim, then jobs, reboots and debug access, idle between and
    after them, and teardown from `removing_at` on. What has no recorded end ends there."""
    end = removing_at or until
    marks: list[tuple[datetime, Use, int | None]] = [(claimed_at or end, Use.BOOT, None)]
    used = [(ran.since, ran.until, Use.JOB, ran.job_id) for ran in jobs]
    used += [(reboot.since, reboot.until, Use.REFRESH, 0) for reboot in reboots]
    used += [(stay.since, stay.until, Use.DEBUG, 0) for stay in kept]
    for began, ended, use, job_id in sorted(used, key=lambda one: (one[0], one[3])):
        marks += [(began, Use.IDLE, None), (ended or end, use, job_id or None)]
    marks += [(end, Use.IDLE, None), (until, Use.TEARDOWN, None)]
    return _between(since, until, marks)


def serving(
    since: datetime, until: datetime, claimed_at: datetime | None, removing_at: datetime | None = None
) -> list[Span]:
    """The same of a VM that serves: boot up to the claim, then its app, then teardown."""
    end = removing_at or until
    marks: list[tuple[datetime, Use, int | None]] = [
        (claimed_at or end, Use.BOOT, None),
        (end, Use.SERVER, None),
        (until, Use.TEARDOWN, None),
    ]
    return _between(since, until, marks)


def milliseconds(since: datetime, until: datetime) -> int:
    """Whole milliseconds from one to the other; 0 where the order is reversed."""
    return max(0, (until - since) // MILLISECOND)


def _between(
    since: datetime, until: datetime, marks: Sequence[tuple[datetime, Use, int | None]]
) -> list[Span]:
    """One span up to each mark; a mark outside of what is left moves to its edge, an empty span is left out."""
    found, start, end = [], 0, milliseconds(since, until)
    for at, use, job_id in marks:
        stop = min(max((at - since) // MILLISECOND, start), end)
        if stop > start:
            found.append(Span(use, job_id, start, stop))
        start = stop
    return found
