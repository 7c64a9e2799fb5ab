"""What people and scripts ask of a job's forge: to run it again, to cancel it. Each is written to the audit log.

The forge is asked first and outside of any transaction; its result arrives as always, by webhook and poll.
"""

from datetime import datetime

from django.utils.translation import gettext

from runners.gateways import Gateways
from runners.models import Job
from runners.queue.effects import Effects
from tfci.accounts import audit
from tfci.accounts.audit_actions import Action
from tfci.forges import registry
from tfci.forges.errors import ForgeRefused
from tfci.forges.facts import JobAction
from tfci.forges.models import Connection
from tfci.forges.ports.forge import CancelsRuns, RerunsJobs


def rerun(job: Job, gateways: Gateways, who: audit.Actor, now: datetime) -> Effects:
    """Run this job and those that need it again. Raises ForgeError with a sentence."""
    request_rerun(job, gateways)
    return record(job, Action.JOB_RERUN, who, now)


def request_rerun(job: Job, gateways: Gateways) -> None:
    """Only the call, without the audit entry. Raises ForgeError with a sentence."""
    _check(job, "rerun")
    if job.state != Job.State.COMPLETED:
        raise ForgeRefused(gettext("{job} has not ended yet, so it can't be retried.").format(job=job))
    gateways.forge_that(job.connection, RerunsJobs).rerun(job.repository, job.run_id, job.forge_job_id)


def cancel(job: Job, gateways: Gateways, who: audit.Actor, now: datetime) -> Effects:
    """Cancel all that is left of its run. Raises ForgeError with a sentence."""
    _check(job, "cancel")
    if job.state == Job.State.COMPLETED:
        raise ForgeRefused(gettext("{job} has already ended.").format(job=job))
    gateways.forge_that(job.connection, CancelsRuns).cancel(job.repository, job.run_id)
    effects = record(job, Action.JOB_CANCELED, who, now)
    left = Job.objects.filter(connection=job.connection_id, run_id=job.run_id).exclude(
        state=Job.State.COMPLETED
    )
    effects.reread |= set(
        left.values_list("pk", flat=True)
    )  # a running job that is cancelled causes no webhook
    return effects


def _check(job: Job, action: JobAction) -> None:
    if not job.connection.alive:
        raise ForgeRefused(gettext("{connection} is being disconnected.").format(connection=job.connection))
    if unsupported := registry.unsupported(job.connection, action):
        raise ForgeRefused(
            gettext("{lacks}: use the page of the run at the forge.").format(lacks=unsupported)
        )


def record(job: Job, action: Action, who: audit.Actor, now: datetime) -> Effects:
    """Write the audit entry of what its forge was asked to do, and poll the forge at once and often for a while."""
    audit.record(job.team, who, action, f"{job}, attempt {job.number}", at=now)
    Connection.objects.filter(pk=job.connection_id).update(last_activity_at=now, next_poll_at=now)
    return Effects(connections={job.connection_id})
