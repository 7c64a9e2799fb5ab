"""What people and scripts ask of a job's forge: to run it again, to cancel it. The deed, with its audit entry.

The forge is asked first and outside of any transaction; what comes of it is heard as always, by webhook and poll.
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
    """This job and what needs it, once more. Raises ForgeError with a sentence."""
    ask_for_rerun(job, gateways)
    return note(job, Action.JOB_RERUN, who, now)


def ask_for_rerun(job: Job, gateways: Gateways) -> None:
    """Only the call, for who notes it by himself. Raises ForgeError with a sentence."""
    _may(job, "rerun")
    if job.state != Job.State.COMPLETED:
        raise ForgeRefused(gettext("{job} has not ended yet, so it can't be retried.").format(job=job))
    gateways.forge_that(job.connection, RerunsJobs).rerun(job.repository, job.run_id, job.forge_job_id)


def cancel(job: Job, gateways: Gateways, who: audit.Actor, now: datetime) -> Effects:
    """All that is left of its run. Raises ForgeError with a sentence."""
    _may(job, "cancel")
    if job.state == Job.State.COMPLETED:
        raise ForgeRefused(gettext("{job} has already ended.").format(job=job))
    gateways.forge_that(job.connection, CancelsRuns).cancel(job.repository, job.run_id)
    effects = note(job, Action.JOB_CANCELED, who, now)
    held = Job.objects.filter(connection=job.connection_id, run_id=job.run_id).exclude(
        state=Job.State.COMPLETED
    )
    effects.reread |= set(held.values_list("pk", flat=True))  # nobody tells of a cancelled job that runs
    return effects


def _may(job: Job, act: JobAction) -> None:
    if not job.connection.alive:
        raise ForgeRefused(gettext("{connection} is being disconnected.").format(connection=job.connection))
    if unsupported := registry.unsupported(job.connection, act):
        raise ForgeRefused(gettext("{lacks}: use the page of the run at the forge.").format(lacks=unsupported))


def note(job: Job, action: Action, who: audit.Actor, now: datetime) -> Effects:
    """The audit entry of what its forge was asked to do. It is asked for jobs at once, and often for a while."""
    audit.record(job.team, who, action, f"{job}, attempt {job.number}", at=now)
    Connection.objects.filter(pk=job.connection_id).update(last_activity_at=now, next_poll_at=now)
    return Effects(connections={job.connection_id})
