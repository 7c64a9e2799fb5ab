"""A VM's history -> spans of its time, each with one use. Pure.

A machine is metered from its contract's creation to its confirmed cancel, as the chain does. The spans fill that
time exactly: no gap, no overlap. Whole milliseconds, so that sums stay exact.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

BOOT, IDLE, JOB, REFRESH, DEBUG, SERVER = "boot", "idle", "job", "refresh", "debug", "server"
MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Ran:
    """A job's time on a machine; `until` is None while it runs."""

    job_id: int
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Rebooted:
    """The time between two jobs in which a machine was made anew; `until` is None while it has not come back."""

    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Kept:
    """The time after a job in which somebody was in the machine; `until` is None while it has not ended."""

    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Span:
    """Milliseconds since the contract's creation: from `start` to before `stop`."""

    use: str
    job_id: int | None
    start: int
    stop: int


def spans(
    since: datetime,
    until: datetime,
    claimed_at: datetime | None,
    jobs: Sequence[Ran],
    reboots: Sequence[Rebooted] = (),
    kept: Sequence[Kept] = (),
) -> list[Span]:
    """All time from `since` to `until`: boot up to the claim, then jobs, reboots and debug access, idle between and
    after them."""
    marks = [(claimed_at or until, BOOT, None)]
    used = [(ran.since, ran.until, JOB, ran.job_id) for ran in jobs]
    used += [(reboot.since, reboot.until, REFRESH, 0) for reboot in reboots]
    used += [(stay.since, stay.until, DEBUG, 0) for stay in kept]
    for began, ended, use, job_id in sorted(used, key=lambda one: (one[0], one[3])):
        marks += [(began, IDLE, None), (ended or until, use, job_id or None)]
    marks.append((until, IDLE, None))
    return _between(since, until, marks)


def serving(since: datetime, until: datetime, claimed_at: datetime | None) -> list[Span]:
    """The same of a machine that serves: boot up to the claim, then nothing else."""
    return _between(since, until, [(claimed_at or until, BOOT, None), (until, SERVER, None)])


def milliseconds(since: datetime, until: datetime) -> int:
    """Whole milliseconds from one to the other; 0 where the order is reversed."""
    return max(0, (until - since) // MILLISECOND)


def _between(since: datetime, until: datetime, marks: Sequence[tuple]) -> list[Span]:
    """One span up to each mark; a mark outside of what is left moves to its edge, an empty span is left out."""
    made, start, end = [], 0, milliseconds(since, until)
    for at, use, job_id in marks:
        stop = min(max((at - since) // MILLISECOND, start), end)
        if stop > start:
            made.append(Span(use, job_id, start, stop))
        start = stop
    return made
