"""Many readings of jobs at once, as bursts and long queues bring them; each has the effect of observe() alone."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from runners.jobs import attempts, ingest, readings
from runners.jobs.attempts import Attempt
from runners.models import Job
from runners.queue.effects import Effects
from tfci.forges.facts import JobSeen
from tfci.forges.models import Connection


class TimedReading(NamedTuple):
    seen: JobSeen
    at: datetime


def observe_all(
    connection: Connection,
    batch: Iterable[TimedReading],
    *,
    asked_at: datetime | None = None,
    by: str = "",
    enough: Callable[[], bool] = lambda: False,
) -> Effects:
    """Many readings, in their order. Jobs that wait and that nobody knew, the stuff of bursts, are written together,
    and so are those that wait as they did, the stuff of long queues. `enough`: whether to leave the rest unnoted."""
    batch = list(batch)
    known = _known(connection, batch)
    unknown = _unknown(known, batch)
    effects = readings.create(
        connection, [readings.new_job(connection, seen, 1, at, asked_at, by) for seen, at in unknown.values()]
    )
    unchanged: dict[str, Job] = {}
    if asked_at:
        unchanged = _unchanged(connection, known, batch, asked_at)
        _mark_read([job.pk for job in unchanged.values()], asked_at)
    rest = [
        reading
        for reading in batch
        if unknown.get(reading.seen.job_id) is not reading and reading.seen.job_id not in unchanged
    ]
    for reading in _longest_unread_first(known, rest) if asked_at else rest:
        if enough():
            break
        effects.add(ingest.observe(connection, *reading, asked_at=asked_at, by=by))
    return effects


def _longest_unread_first(known: dict[str, Job], batch: list[TimedReading]) -> list[TimedReading]:
    """So that those that one turn left unnoted are noted by the next. Readings of one job stay in their order."""
    fresh: list[TimedReading] = []
    old: list[TimedReading] = []
    for reading in batch:
        (old if reading.seen.job_id in known else fresh).append(reading)
    return fresh + sorted(old, key=lambda reading: known[reading.seen.job_id].read_at)


def _known(connection: Connection, batch: Iterable[TimedReading]) -> dict[str, Job]:
    """The newest attempt of each job that is read."""
    ids = {reading.seen.job_id for reading in batch}
    newest = Job.objects.filter(connection=connection, forge_job_id__in=ids).order_by(
        "forge_job_id", "-attempt"
    )
    columns = ("forge_job_id", "attempt", "forge_attempt", "state", "started_at", "read_at")
    return {job.forge_job_id: job for job in newest.distinct("forge_job_id").only(*columns)}


def _unchanged(
    connection: Connection, known: dict[str, Job], batch: Iterable[TimedReading], asked_at: datetime
) -> dict[str, Job]:
    """Those for which an answer shows what their row has: that they wait, in the same attempt. A job that is read twice
    is none of them."""
    times = Counter(reading.seen.job_id for reading in batch)
    return {
        seen.job_id: known[seen.job_id]
        for seen, _ in batch
        if times[seen.job_id] == 1
        and seen.job_id in known
        and _waits_as_before(connection, known[seen.job_id], seen, asked_at)
    }


def _waits_as_before(connection: Connection, job: Job, seen: JobSeen, asked_at: datetime) -> bool:
    """Whether observe() would write nothing but that it was read."""
    shown = readings.shown(connection, seen)
    same_state = readings.PHASE[job.state] == 0 and (seen.status == "waiting") == (
        job.state == Job.State.WAITING
    )
    same_attempt = (shown.number or job.forge_attempt) == job.forge_attempt
    this = attempts.of_answer(readings.newest(job), shown) == Attempt.THIS
    return shown.waits and same_state and same_attempt and this and asked_at >= job.read_at


@transaction.atomic
def _mark_read(job_ids: list[int], asked_at: datetime) -> None:
    """Not those that somebody else writes at this moment, nor those that were read later or have begun meanwhile."""
    if not job_ids:
        return
    wait = [state for state, rank in readings.PHASE.items() if rank == 0]
    rows = Job.objects.filter(pk__in=job_ids, state__in=wait, read_at__lt=asked_at)
    free = rows.select_for_update(skip_locked=True).values_list("pk", flat=True)
    Job.objects.filter(pk__in=list(free)).update(read_at=asked_at)


def _unknown(known: dict[str, Job], batch: Iterable[TimedReading]) -> dict[str, TimedReading]:
    """The first reading of each job that waits and has no row, in the order that all who write several keep to: then
    none waits for another that waits for it."""
    first: dict[str, TimedReading] = {}
    for reading in batch:
        first.setdefault(reading.seen.job_id, reading)
    return {
        job_id: first[job_id]
        for job_id in sorted(first.keys() - known.keys(), key=lambda job_id: (len(job_id), job_id))
        if first[job_id].seen.status in ("queued", "waiting")
    }
