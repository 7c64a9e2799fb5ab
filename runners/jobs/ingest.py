"""What forges report of jobs, by webhook and by poll: both end here, in observe(), which only moves forward."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from runners import engine
from runners.jobs import assignment, attempts, matching, readings
from runners.jobs.attempts import Attempt
from runners.metering import charges
from runners.models import VM, Job, Rerun, Runner
from runners.queue.effects import Effects
from runners.reasons.jobs import HeldByForge
from tfci.core.prepared_queries import Parameter, Prepared
from tfci.core.reasons import columns
from tfci.forges import registry
from tfci.forges.facts import JobSeen, StepSeen
from tfci.forges.models import Connection

RERUN = "rerun"  # the conclusion of an attempt whose end was never reported
ATTEMPTS = Prepared(
    Job.objects.select_for_update()
    .filter(connection=Parameter("connection"), forge_job_id=Parameter("job"))
    .order_by("-attempt")
)


@transaction.atomic(savepoint=False)
def observe(
    connection: Connection, seen: JobSeen, now: datetime, *, asked_at: datetime | None = None, by: str = ""
) -> Effects:
    """Note one reading of one job. `asked_at`: when we asked, for a reading of our own; None for a webhook,
    which may be minutes old and so never takes anything back. `by`: what made us ask, where that was no poll."""
    known = list(ATTEMPTS(connection=connection.pk, job=seen.job_id))
    if not known:
        return _first(connection, seen, 1, now, asked_at, by)
    if asked_at is None:
        return _by_webhook(connection, known, seen, now)
    return _by_answer(connection, known[0], seen, now, asked_at)


def _by_webhook(connection: Connection, known: list[Job], seen: JobSeen, now: datetime) -> Effects:
    """Only what surely is of the newest attempt moves it; what may be is a reason to ask."""
    job, *earlier = known
    if job.discovered_by == "poll" and job.first_webhook_at is None:
        _save(job, first_webhook_at=now)
    numbers = {each.forge_attempt for each in earlier}
    match attempts.of_webhook(readings.newest(job), readings.shown(connection, seen), numbers):
        case Attempt.THIS:
            return _forward(connection, job, seen, now, None)
        case Attempt.EARLIER:
            return _note_late(connection, earlier, seen, now)
        case _:
            return Effects(reread={job.pk})


def _by_answer(connection: Connection, job: Job, seen: JobSeen, now: datetime, asked_at: datetime) -> Effects:
    """One that was asked for before what we know is of no use, for a job that is over also one at the same moment."""
    if asked_at < job.read_at or (asked_at == job.read_at and job.state == Job.State.COMPLETED):
        return Effects()
    if attempts.of_answer(readings.newest(job), readings.shown(connection, seen)) == Attempt.NEXT:
        return _next(connection, job, seen, now, asked_at)
    return _forward(connection, job, seen, now, asked_at)


def _forward(
    connection: Connection, job: Job, seen: JobSeen, now: datetime, asked_at: datetime | None
) -> Effects:
    """The newest attempt, as far as this reading shows it."""
    if job.state == Job.State.COMPLETED:
        _note_steps(job, seen)
        return Effects()
    job.forge_attempt = registry.attempt(connection, seen) or job.forge_attempt
    match seen.status:
        case "completed":
            return _end(job, seen, now)
        case "in_progress":
            return _progress(job, seen, now, asked_at)
        case _:
            return _queue(job, seen, now, asked_at)


def _first(
    connection: Connection,
    seen: JobSeen,
    attempt: int,
    now: datetime,
    asked_at: datetime | None,
    by: str = "",
) -> Effects:
    """A job, or an attempt of it, that we did not know."""
    effects = readings.create(connection, [readings.new_job(connection, seen, attempt, now, asked_at, by)])
    if seen.status in ("in_progress", "completed"):
        effects.add(observe(connection, seen, now, asked_at=asked_at))
    return effects


def _next(connection: Connection, job: Job, seen: JobSeen, now: datetime, asked_at: datetime) -> Effects:
    """The next attempt begins. If the one before has not ended for us, it has, and we don't know how."""
    effects = Effects()
    if job.state != Job.State.COMPLETED:
        unknown_end = replace(
            seen,
            conclusion=RERUN,
            runner_id=None,
            runner_name=None,
            steps=(),
            started_at=None,
            completed_at=None,
        )
        effects.add(_end(job, unknown_end, now))
    effects.add(_first(connection, seen, job.attempt + 1, now, asked_at))
    return effects


def _note_late(connection: Connection, earlier: Iterable[Job], seen: JobSeen, now: datetime) -> Effects:
    """Where an attempt ran and how it ended, if that was not reported before the next one began."""
    number = registry.attempt(connection, seen)
    job = next((each for each in earlier if each.forge_attempt == number), None)
    if job is None or seen.status != "completed" or not seen.picked_up:
        return Effects()
    if job.conclusion == RERUN:
        ended_at = seen.completed_at or job.completed_at
        started_at = job.started_at or seen.started_at
        _save(job, conclusion=seen.conclusion or "", started_at=started_at, completed_at=ended_at)
    _note_steps(job, seen)
    runner = _runner(job, seen)
    return _bind(job, runner, now) if runner and runner.job_id is None else Effects()


def _queue(job: Job, seen: JobSeen, now: datetime, asked_at: datetime | None) -> Effects:
    """queued or waiting: a webhook may free a job that waits, only a reading may hold one back again."""
    held = seen.status == "waiting"
    if readings.PHASE[job.state] > 0 or (held and asked_at is None):
        return Effects()
    if held == (job.state == Job.State.WAITING):
        _save(job, read_at=asked_at or job.read_at, forge_attempt=job.forge_attempt)
        return Effects()
    if held:
        columns_held = {"state": Job.State.WAITING, **columns(HeldByForge())}
        _save(job, **columns_held, read_at=asked_at, forge_attempt=job.forge_attempt)
        return assignment.pool_of(job)
    job.state, job.queued_at, job.read_at = Job.State.QUEUED, now, asked_at or job.read_at
    effects = assignment.assign(job, matching.pools_of(job.connection))
    job.save()
    return effects


def _progress(job: Job, seen: JobSeen, now: datetime, asked_at: datetime | None) -> Effects:
    """It runs. in_progress twice by webhook is Gitea's sign that a running job was superseded: read it again."""
    runner = _runner(job, seen)
    if job.state == Job.State.IN_PROGRESS:
        _save(job, read_at=asked_at or job.read_at, forge_attempt=job.forge_attempt)
        effects = Effects() if asked_at else Effects(reread={job.pk})
        if runner and runner.job_id is None:
            effects.add(_bind(job, runner, now))
        return effects
    _save(
        job,
        state=Job.State.IN_PROGRESS,
        **columns(None),
        awaits=None,
        started_at=seen.started_at or now,
        forge_attempt=job.forge_attempt,
        read_at=asked_at or now,
        foreign_runner="" if runner else (seen.runner_name or ""),
    )
    effects = assignment.pool_of(job)
    if runner:
        effects.add(_bind(job, runner, now))
    return effects


def _end(job: Job, seen: JobSeen, now: datetime) -> Effects:
    """It is over, whatever we held it for."""
    runner = _runner(job, seen)
    _save(
        job,
        state=Job.State.COMPLETED,
        conclusion=seen.conclusion or "",
        forge_attempt=job.forge_attempt,
        **columns(None),
        awaits=None,
        foreign_runner=job.foreign_runner or ("" if runner else seen.runner_name or ""),
        started_at=job.started_at or seen.started_at,
        completed_at=seen.completed_at or now,
        read_at=now,
    )
    if runner and runner.job_id is None:
        _bind(job, runner, now)
    _note_steps(job, seen)
    _note_failure(job, now)
    concerned = VM.objects.filter(runners__job=job) | VM.objects.filter(runners__asked_for=job)
    effects = assignment.pool_of(job)
    effects.vms |= set(concerned.alive().values_list("pk", flat=True))
    engine.nudge(VM.objects.filter(pk__in=effects.vms), now)
    return effects


def _note_failure(job: Job, now: datetime) -> None:
    """Whether it was its VM that failed is seen once that is gone: jobs/auto_rerun.py."""
    ended = job.conclusion == "failure" or (
        job.conclusion == "cancelled" and job.end_requested_at is not None
    )
    if ended and job.vm_id and job.pool and job.pool.rerun_lost:
        Rerun.objects.get_or_create(job=job, defaults={"made_at": now, "next_at": now})


def _note_steps(job: Job, seen: JobSeen) -> None:
    """They come once, by a webhook that may arrive after a reading has seen the end."""
    if seen.steps and job.steps is None:
        _save(job, steps=[_step(step) for step in seen.steps])


def _step(step: StepSeen) -> dict[str, str | None]:
    return {
        "name": step.name,
        "started_at": step.started_at.isoformat() if step.started_at else None,
        "completed_at": step.completed_at.isoformat() if step.completed_at else None,
    }


def _runner(job: Job, seen: JobSeen) -> Runner | None:
    """The runner of ours that this reading names, by its id or by the job's handle."""
    if seen.runner_id:
        found = Runner.objects.filter(connection_id=job.connection_id, forge_runner_id=seen.runner_id)
    elif seen.by_handle:
        found = Runner.objects.filter(asked_for=job).exclude(registered_at=None)
    else:
        return None
    return found.select_related("vm").order_by("-pk").first()


def _bind(job: Job, runner: Runner, now: datetime) -> Effects:
    """Job, runner and VM belong together from here on, unless the runner was given another at this moment. A VM that
    went before its forge reported the job has left it behind (jobs/lost_jobs.py), and what it cost is settled again."""
    if not Runner.objects.filter(pk=runner.pk, job=None).update(job=job, taken_at=now):
        return Effects()
    left_behind = runner.vm.state in (VM.State.REMOVING, VM.State.GONE) and job.state == Job.State.IN_PROGRESS
    _save(job, vm_id=runner.vm_id, next_end_attempt_at=now if left_behind else job.next_end_attempt_at)
    engine.nudge(VM.objects.filter(pk=runner.vm_id), now)
    vm = VM.objects.get(pk=runner.vm_id)
    if charges.is_off_the_grid(vm):
        charges.settle(vm, now)
    return Effects(pools={runner.vm.pool_id} if runner.vm.pool_id else set(), vms={runner.vm_id})


def _save(job: Job, **columns: Any) -> None:
    for name, value in columns.items():
        setattr(job, name, value)
    job.save(update_fields=columns.keys())


def vanished(job: Job, now: datetime) -> Effects:
    """Its forge no longer knows it: its repository or run was deleted."""
    seen = JobSeen(
        job.forge_job_id, job.run_id, job.repository, job.name, tuple(job.labels), "completed", "deleted"
    )
    return observe(job.connection, seen, now, asked_at=now)
