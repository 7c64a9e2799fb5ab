"""Jobs whose VM is gone while their forge reports them as running: where it lets us, we end their run at once.

The job's row holds all of it, so a worker that dies in between costs a turn: when to check next, and since when its
forge may have been asked. The forge is read first, so no newer attempt is ended. Where it lets nobody end jobs, page
and API show when it notices by itself.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db.models import Q

from runners.gateways import Gateways
from runners.jobs import ingest
from runners.models import VM, Job, Runner
from runners.queue.effects import Effects
from tfci.core.leases import lease
from tfci.core.optional import present
from tfci.forges import registry
from tfci.forges.errors import ForgeError, ForgeRefused, Gone, Limited
from tfci.forges.ports.forge import CancelsRuns, ReadsJobs

SOON = timedelta(seconds=2)  # to the next look while something is about to happen
REMOVAL = timedelta(
    seconds=5
)  # for its forge to remove the runner first: else Gitea waits for it, from 1.27 on
TRY = timedelta(seconds=30)  # from one question to its forge to the next; a worker that dies costs as much
UNABLE = timedelta(minutes=10)  # to the next look where its forge lets nobody end it
TURN = 200  # that one turn of the schedule looks into
LEAVING = (VM.State.REMOVING, VM.State.GONE)


class RerunStep(StrEnum):
    """How far it is: it comes as soon as nothing else of its run runs, it was asked for, or nobody can."""

    COMING = "coming"
    ASKED = "asked"
    UNABLE = "unable"


@dataclass(frozen=True, slots=True)
class Ending:
    """`notices_at`: when its forge is expected to notice by itself; None where nobody knows."""

    step: RerunStep
    notices_at: datetime | None


def request_end(vm: VM, now: datetime) -> None:
    """The VM ends: what it ran as far as we know is to be ended. A second call changes nothing."""
    left = Job.objects.filter(vm=vm, state=Job.State.IN_PROGRESS, next_end_attempt_at=None)
    left.update(next_end_attempt_at=now)


def due(now: datetime) -> list[int]:
    """The jobs to look into now."""
    rows = Job.objects.filter(next_end_attempt_at__lte=now).order_by("next_end_attempt_at")
    return list(rows.values_list("pk", flat=True)[:TURN])


def ending(job: Job) -> Ending | None:
    """For page and API; None where its VM is there or its forge has ended it. No query."""
    if job.state != Job.State.IN_PROGRESS or not job.vm or job.vm.state not in LEAVING:
        return None
    if registry.unsupported(job.connection, "cancel"):
        last_report = job.vm.last_heartbeat_at or job.vm.died_at or job.vm.state_changed_at
        silence = registry.kind(job.connection.forge).engine.silence
        return Ending(RerunStep.UNABLE, last_report + silence if silence else None)
    return Ending(RerunStep.ASKED if job.end_requested_at else RerunStep.COMING, None)


def advance(job_id: int, gateways: Gateways, now: datetime) -> Effects:
    """Have it ended, once no obstacle is left. A superfluous call does nothing."""
    rows = Job.objects.select_related("connection__team", "connection__installation__app", "vm", "pool")
    job = lease(rows, Q(next_end_attempt_at__lte=now), job_id, next_end_attempt_at=now + TRY)
    if job is None:
        return Effects()
    if job.state != Job.State.IN_PROGRESS:
        return _schedule(job, None)
    vm = present(job.vm)
    runner_is_there = Runner.objects.filter(job=job, deregistered_at=None).exists()
    if runner_is_there and vm.state == VM.State.REMOVING and now - vm.state_changed_at < REMOVAL:
        return _schedule(job, now + SOON)
    try:
        return _end(job, gateways, now)
    except Limited as error:
        return _schedule(job, error.until)
    except ForgeError:
        return Effects()


def _end(job: Job, gateways: Gateways, now: datetime) -> Effects:
    """Its forge is asked only for what it shows to be this very attempt, still running."""
    effects = _read(job, gateways.forge(job.connection), now)
    job.refresh_from_db()
    if job.state != Job.State.IN_PROGRESS:
        effects.add(_schedule(job, None))
    elif registry.unsupported(job.connection, "cancel"):
        effects.add(_schedule(job, now + UNABLE))
    elif _others_run(job):
        effects.add(_schedule(job, now + SOON))
    elif job.end_requested_at is None or now - job.end_requested_at >= TRY:
        effects.add(_ask(job, gateways.forge_that(job.connection, CancelsRuns), now))
    return effects


def _read(job: Job, forge: ReadsJobs, now: datetime) -> Effects:
    try:
        seen = forge.job(job.repository, job.run_id, job.forge_job_id)
    except Gone:
        return ingest.vanished(job, now)
    return ingest.observe(job.connection, seen, now, asked_at=now)


def _others_run(job: Job) -> bool:
    """Whether a job of its run would lose what it has done or is about to do: forges end whole runs."""
    others = Job.objects.filter(
        connection=job.connection_id, repository=job.repository, run_id=job.run_id
    ).exclude(pk=job.pk)
    lost = Q(state=Job.State.IN_PROGRESS, vm__state__in=LEAVING)
    at_work = others.filter(state__in=[Job.State.QUEUED, Job.State.IN_PROGRESS]).exclude(lost)
    return at_work.exists()


def _ask(job: Job, forge: CancelsRuns, now: datetime) -> Effects:
    """Written down first: an end that follows is ours, whatever became of the answer."""
    Job.objects.filter(pk=job.pk).update(end_requested_at=now)
    try:
        forge.cancel(job.repository, job.run_id)
    except ForgeRefused:
        Job.objects.filter(pk=job.pk).update(end_requested_at=None)
        raise
    return _schedule(job, now + SOON)


def _schedule(job: Job, at: datetime | None) -> Effects:
    Job.objects.filter(pk=job.pk).update(next_end_attempt_at=at)
    return Effects()
