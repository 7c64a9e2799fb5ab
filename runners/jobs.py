"""What forges say of jobs, by webhook and by poll: both end here, in observe(), which only moves forward."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from runners import allotting, matching, steps
from runners.models import VM, Job, Rerun, Runner
from runners.news import News
from tfci.forges.models import LinkedOrg
from tfci.forges.ports import JobSeen, StepSeen, label_key
from tfci.prepared import Given, Prepared

RERUN = "rerun"  # the conclusion of an attempt whose end was never told
ATTEMPTS = Prepared(
    Job.objects.select_for_update().filter(org=Given("org"), forge_job_id=Given("job")).order_by("-attempt")
)
RANK = {
    Job.State.WAITING: 0,
    Job.State.QUEUED: 0,
    Job.State.REFUSED: 0,
    Job.State.IN_PROGRESS: 1,
    Job.State.COMPLETED: 2,
}


class Reading(NamedTuple):
    seen: JobSeen
    at: datetime


@transaction.atomic(savepoint=False)
def observe(
    org: LinkedOrg, seen: JobSeen, now: datetime, *, asked_at: datetime | None = None, by: str = ""
) -> News:
    """Note one reading of one job. `asked_at`: when we asked, for a reading of our own; None for a webhook,
    which may be minutes old and so never takes anything back. `by`: what made us ask, where that was no poll."""
    job = _latest(org, seen)
    if job is None:
        return _first(org, seen, 1, now, asked_at, by)
    if asked_at is None and job.heard_by == "poll" and job.told_at is None:
        _save(job, told_at=now)
    if job.state == Job.State.COMPLETED:
        return _after_the_end(org, job, seen, now, asked_at)
    if asked_at and asked_at < job.read_at:
        return News()
    if asked_at and _runs_again(job, seen):
        return _next(org, job, seen, now, asked_at)
    match seen.status:
        case "completed":
            return _end(job, seen, now)
        case "in_progress":
            return _progress(job, seen, now, asked_at)
        case _:
            return _queue(job, seen, now, asked_at)


def _latest(org: LinkedOrg, seen: JobSeen) -> Job | None:
    return next(iter(ATTEMPTS(org=org.pk, job=seen.job_id)), None)


def observe_all(
    org: LinkedOrg, readings: Iterable[Reading], *, asked_at: datetime | None = None, by: str = ""
) -> News:
    """Many readings, in their order. Jobs that wait and that nobody knew, the stuff of bursts, are written together."""
    readings = list(readings)
    unknown = _unknown(org, readings)
    news = _write(org, [_new(org, seen, 1, at, asked_at, by) for seen, at in unknown.values()])
    for reading in readings:
        if unknown.get(reading.seen.job_id) is not reading:
            news.add(observe(org, *reading, asked_at=asked_at, by=by))
    return news


def _unknown(org: LinkedOrg, readings: Iterable[Reading]) -> dict[str, Reading]:
    """The first reading of each job that waits and has no row, in the order that all who write several keep to: then
    none waits for another that waits for it."""
    first: dict[str, Reading] = {}
    for reading in readings:
        first.setdefault(reading.seen.job_id, reading)
    known = set(Job.objects.filter(org=org, forge_job_id__in=first).values_list("forge_job_id", flat=True))
    return {
        job_id: first[job_id]
        for job_id in sorted(first.keys() - known, key=lambda job_id: (len(job_id), job_id))
        if first[job_id].seen.status in ("queued", "waiting")
    }


def _first(
    org: LinkedOrg, seen: JobSeen, attempt: int, now: datetime, asked_at: datetime | None, by: str = ""
) -> News:
    """A job, or an attempt of it, that we did not know."""
    news = _write(org, [_new(org, seen, attempt, now, asked_at, by)])
    if seen.status in ("in_progress", "completed"):
        news.add(observe(org, seen, now, asked_at=asked_at))
    return news


def _new(
    org: LinkedOrg, seen: JobSeen, attempt: int, now: datetime, asked_at: datetime | None, by: str
) -> Job:
    return Job(
        org=org,
        team_id=org.team_id,
        forge_job_id=seen.job_id,
        attempt=attempt,
        forge_attempt=seen.forge_attempt,
        run_id=seen.run_id,
        repository=seen.repository,
        workflow=seen.workflow,
        name=seen.name,
        branch=seen.branch,
        sha=seen.sha,
        url=seen.url,
        sender=seen.sender,
        labels=list(seen.labels),
        label_key=label_key(seen.labels, seen.handle),
        handle=seen.handle,
        state=Job.State.WAITING if seen.status == "waiting" else Job.State.QUEUED,
        queued_at=(seen.created_at if attempt == 1 else None) or now,
        heard_at=now,
        heard_by=by or ("poll" if asked_at else "webhook"),
        read_at=asked_at or now,
    )


def _write(org: LinkedOrg, fresh: list[Job]) -> News:
    """Each gets its pool. Whoever heard of one at this moment too may be first."""
    news = News()
    pools = matching.pools_of(org) if fresh else []
    for job in fresh:
        news.add(allotting.allot(job, pools))
    Job.objects.bulk_create(fresh, ignore_conflicts=True)
    return news


def _after_the_end(org: LinkedOrg, job: Job, seen: JobSeen, now: datetime, asked_at: datetime | None) -> News:
    """A rerun keeps the job's id: only a reading asked for after the end can tell it from a late webhook."""
    if seen.status == "completed":
        _note_steps(job, seen)
        return News()
    if asked_at is None:
        return News(reread={job.pk})
    if asked_at <= job.read_at:
        return News()
    return _first(org, seen, job.attempt + 1, now, asked_at)


def _runs_again(job: Job, seen: JobSeen) -> bool:
    """Whether its forge shows the next attempt of a job whose end nobody told us: cancelled and at once rerun."""
    if job.state != Job.State.IN_PROGRESS:
        return False
    return seen.status in ("queued", "waiting") or seen.forge_attempt > job.forge_attempt


def _next(org: LinkedOrg, job: Job, seen: JobSeen, now: datetime, asked_at: datetime) -> News:
    """One attempt ends, we don't know how, and the next begins."""
    ended = replace(
        seen, conclusion=RERUN, runner_id=None, runner_name=None, started_at=None, completed_at=None
    )
    news = _end(job, ended, now)
    news.add(_first(org, seen, job.attempt + 1, now, asked_at))
    return news


def _queue(job: Job, seen: JobSeen, now: datetime, asked_at: datetime | None) -> News:
    """queued or waiting: a webhook may free a job that waits, only a reading may hold one back again."""
    held = seen.status == "waiting"
    if RANK[job.state] > 0 or (held and asked_at is None):
        return News()
    if held == (job.state == Job.State.WAITING):
        _save(job, read_at=asked_at or job.read_at)
        return News()
    if held:
        _save(job, state=Job.State.WAITING, why="its forge holds it back", read_at=asked_at)
        return allotting.pool_of(job)
    job.state, job.queued_at, job.read_at = Job.State.QUEUED, now, asked_at or job.read_at
    news = allotting.allot(job, matching.pools_of(job.org))
    job.save()
    return news


def _progress(job: Job, seen: JobSeen, now: datetime, asked_at: datetime | None) -> News:
    """It runs. in_progress twice by webhook is how Gitea tells that a running job was superseded: read again."""
    runner = _runner(job, seen)
    if job.state == Job.State.IN_PROGRESS:
        _save(job, read_at=asked_at or job.read_at)
        news = News() if asked_at else News(reread={job.pk})
        if runner and runner.job_id is None:
            news.add(_bind(job, runner, now))
        return news
    _save(
        job,
        state=Job.State.IN_PROGRESS,
        why="",
        awaits=None,
        started_at=seen.started_at or now,
        forge_attempt=seen.forge_attempt,
        read_at=asked_at or now,
        foreign_runner="" if runner else (seen.runner_name or ""),
    )
    news = allotting.pool_of(job)
    if runner:
        news.add(_bind(job, runner, now))
    return news


def _end(job: Job, seen: JobSeen, now: datetime) -> News:
    """It is over, whatever we held it for."""
    runner = _runner(job, seen)
    if runner and runner.job_id is None:
        _bind(job, runner, now)
    _save(
        job,
        state=Job.State.COMPLETED,
        conclusion=seen.conclusion or "",
        why="",
        awaits=None,
        foreign_runner=job.foreign_runner or ("" if runner else seen.runner_name or ""),
        started_at=job.started_at or seen.started_at,
        completed_at=seen.completed_at or now,
        read_at=now,
    )
    _note_steps(job, seen)
    _note_failure(job, now)
    concerned = VM.objects.filter(runners__job=job) | VM.objects.filter(runners__asked_for=job)
    news = allotting.pool_of(job)
    news.vms |= set(concerned.exclude(state=VM.State.GONE).values_list("pk", flat=True))
    steps.nudge(VM.objects.filter(pk__in=news.vms), now)
    return news


def _note_failure(job: Job, now: datetime) -> None:
    """Whether it was its machine that failed is seen once that is gone: again.py."""
    if job.vm_id and job.pool and job.pool.rerun_lost and job.conclusion == "failure":
        Rerun.objects.get_or_create(job=job, defaults={"made_at": now, "next_at": now})


def _note_steps(job: Job, seen: JobSeen) -> None:
    """They are told once, by a webhook that may come after a reading has seen the end."""
    if seen.steps and job.steps is None:
        _save(job, steps=[_step(step) for step in seen.steps])


def _step(step: StepSeen) -> dict[str, str | None]:
    times = {"started_at": step.started_at, "completed_at": step.completed_at}
    return {"name": step.name} | {name: at and at.isoformat() for name, at in times.items()}


def _runner(job: Job, seen: JobSeen) -> Runner | None:
    """The runner of ours that this reading names, by its id or by the job's handle."""
    if seen.runner_id:
        found = Runner.objects.filter(org_id=job.org_id, forge_runner_id=seen.runner_id)
    elif seen.by_handle:
        found = Runner.objects.filter(asked_for=job).exclude(registered_at=None)
    else:
        return None
    return found.select_related("vm").order_by("-pk").first()


def _bind(job: Job, runner: Runner, now: datetime) -> News:
    """Job, runner and VM belong together from here on."""
    Runner.objects.filter(pk=runner.pk, job=None).update(job=job, taken_at=now)
    _save(job, vm_id=runner.vm_id)
    steps.nudge(VM.objects.filter(pk=runner.vm_id), now)
    return News(pools={runner.vm.pool_id} if runner.vm.pool_id else set(), vms={runner.vm_id})


def _save(job: Job, **columns) -> None:
    for name, value in columns.items():
        setattr(job, name, value)
    job.save(update_fields=columns.keys())


def vanished(job: Job, now: datetime) -> News:
    """Its forge no longer knows it: its repository or run was deleted."""
    seen = JobSeen(
        job.forge_job_id, job.run_id, job.repository, job.name, tuple(job.labels), "completed", "deleted"
    )
    return observe(job.org, seen, now, asked_at=now)
