"""Jobs that their VM has failed, and not their code: where their pool is set so, they run again automatically.

A Rerun stands from such a job's end on (jobs/ingest.py). What ended the job is known once its VM goes. Then the
job is read at its forge before the rerun is requested, so that a worker that dies in between requests nothing twice.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from runners.gateways import Gateways
from runners.jobs import actions, failure_advice, ingest, timeline
from runners.models import VM, Event, Job, Rerun
from runners.queue.effects import Effects
from runners.reasons.reruns import (
    RerunAlready,
    RerunAsked,
    RerunComing,
    RerunEnough,
    RerunGivenUp,
    RerunReason,
    RerunRefused,
    RerunSwitchedOff,
    RerunWholeRun,
)
from tfci.accounts.audit_actions import Action
from tfci.core.leases import lease
from tfci.core.optional import present
from tfci.core.reasons import Reason, columns
from tfci.forges import registry
from tfci.forges.errors import ForgeError, ForgeRefused, Gone, Limited
from tfci.forges.facts import JobSeen
from tfci.forges.ports.forge import ReadsJobs

MAX_RERUNS = 2  # for one job, however many attempts it has
CHECK = timedelta(seconds=5)  # between two checks whether its VM is gone
TRY = timedelta(seconds=30)  # from one question to its forge to the next; a worker that dies costs as much
GIVE_UP = timedelta(hours=1)  # after its end
TURN = 200  # that one turn of the schedule looks into
LEAVING = (VM.State.REMOVING, VM.State.GONE)


def due(now: datetime) -> list[int]:
    """The reruns to look into now."""
    rows = Rerun.objects.filter(ended_at=None, next_at__lte=now).order_by("next_at")
    return list(rows.values_list("pk", flat=True)[:TURN])


def advance(rerun_id: int, gateways: Gateways, now: datetime) -> Effects:
    """Have it run again, once all is known and no obstacle is left. A superfluous call does nothing."""
    rows = Rerun.objects.select_related("job__vm", "job__pool", "job__connection__team")
    rerun = lease(rows, Q(ended_at=None, next_at__lte=now), rerun_id, next_at=now + TRY)
    if rerun is None:
        return Effects()
    if present(rerun.job.vm).state not in LEAVING:
        Rerun.objects.filter(pk=rerun_id).update(next_at=now + CHECK)
    elif not vm_failed(rerun.job):
        rerun.delete()
    elif _has_run_again(rerun):
        if rerun.tried_at:
            return _record_request(rerun, now)
        _end(rerun, RerunAlready(), now)
    elif obstacle := _obstacle(rerun):
        _end(rerun, obstacle, now)
    else:
        return _try(rerun, gateways, now)
    return Effects()


def outcome(job: Job) -> Reason | None:
    """The result for one job, or that it will be rerun; None where there is nothing to report."""
    rerun = Rerun.objects.filter(job=job).first() if timeline.failed(job) else None
    if rerun is None:
        return None
    return rerun.typed_reason or (RerunComing() if vm_failed(job) else None)


def vm_failed(job: Job) -> bool:
    """Whether another VM may well do what this one did not: never after a failure of the job's own, nor after the
    pool's time limit."""
    found = failure_advice.remedy(job)
    return bool(found and found.reason.vm_failed) and not failure_advice.ran_too_long(job)


def _obstacle(rerun: Rerun) -> RerunReason | None:
    """Why no rerun is requested; None where it may be."""
    job, pool = rerun.job, present(rerun.job.pool)
    if not pool.rerun_lost or pool.closing_at:
        return RerunSwitchedOff(str(pool))
    if not registry.kind(job.connection.forge).jobs.reruns_single_jobs:
        return RerunWholeRun(str(job.connection))
    return RerunEnough() if _tried_before(rerun) >= MAX_RERUNS else None


def _has_run_again(rerun: Rerun) -> bool:
    """Some forges give each attempt of a job a number of its own, some make it a run of its own."""
    job = rerun.job
    later = Q(forge_job_id=job.forge_job_id, attempt__gt=job.attempt)
    later |= Q(run_id=job.run_id, name=job.name, forge_attempt__gt=job.forge_attempt)
    if rerun.tried_at and job.sha:
        later |= Q(sha=job.sha, name=job.name, discovered_at__gte=rerun.tried_at)
    return Job.objects.filter(later, connection=job.connection_id, repository=job.repository).exists()


def _tried_before(rerun: Rerun) -> int:
    """How often its forge was asked for earlier attempts of it, in whatever run of the same commit."""
    job = rerun.job
    of_it = Q(job__run_id=job.run_id) | (Q(job__sha=job.sha) if job.sha else Q())
    tried = Rerun.objects.filter(
        of_it, job__connection=job.connection_id, job__repository=job.repository, job__name=job.name
    )
    return tried.filter(tried_at__isnull=False).exclude(pk=rerun.pk).count()


def _try(rerun: Rerun, gateways: Gateways, now: datetime) -> Effects:
    """What goes wrong on the way is tried again for an hour, what is refused is not."""
    try:
        return _ask(rerun, gateways.forge(rerun.job.connection), gateways, now)
    except (ForgeRefused, Gone) as error:
        _end(rerun, RerunRefused(str(error)), now)
    except ForgeError as error:
        until = error.until if isinstance(error, Limited) else now + TRY
        Rerun.objects.filter(pk=rerun.pk).update(next_at=until)
        if now - rerun.made_at > GIVE_UP:
            _end(rerun, RerunGivenUp(str(error)), now)
    return Effects()


def _ask(rerun: Rerun, forge: ReadsJobs, gateways: Gateways, now: datetime) -> Effects:
    job = rerun.job
    seen = forge.job(job.repository, job.run_id, job.forge_job_id)
    if not _runs_again(job, seen):
        Rerun.objects.filter(pk=rerun.pk).update(tried_at=now)
        actions.request_rerun(job, gateways)
        return _record_request(rerun, now)
    effects = ingest.observe(job.connection, seen, now, asked_at=now)
    if rerun.tried_at:
        effects.add(_record_request(rerun, now))
    else:
        _end(rerun, RerunAlready(), now)
    return effects


def _runs_again(job: Job, seen: JobSeen) -> bool:
    return seen.status != "completed" or registry.attempt(job.connection, seen) > job.forge_attempt


@transaction.atomic
def _record_request(rerun: Rerun, now: datetime) -> Effects:
    """Record that its forge reruns it, perhaps since an earlier try of ours that died."""
    if not _end(rerun, RerunAsked(), now, asked_at=now):
        return Effects()
    return actions.record(rerun.job, Action.JOB_RERUN_AUTOMATICALLY, settings.NAME, now)


@transaction.atomic
def _end(rerun: Rerun, reason: RerunReason, now: datetime, **times: datetime) -> bool:
    """Record the result for the job's page. False when it was recorded before."""
    if not Rerun.objects.filter(pk=rerun.pk, ended_at=None).update(ended_at=now, **columns(reason), **times):
        return False
    Event.objects.create(team_id=rerun.job.team_id, job=rerun.job, at=now, **columns(reason))
    return True
