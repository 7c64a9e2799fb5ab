"""Jobs whose forge gives them to no runner of ours: no VM is bought for them for a while, longer each time."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from runners.models import Job, Runner
from runners.reasons.jobs import ForgeRetried, JobReason, RunnerRefused, RunnerUnused
from tfci.core.reasons import Reason, columns
from tfci.forges.models import Connection
from tfci.forges.problems import stored

FIRST_PAUSE = timedelta(minutes=2)
LONGEST_PAUSE = timedelta(hours=1)


def others_wait(runner: Runner) -> bool:
    """Whether another job waits that this runner could be given, since forges choose by labels."""
    return Job.objects.filter(
        connection=runner.connection_id, label_key=runner.label_key, state=Job.State.QUEUED
    ).exists()


def count_offer(runner: Runner, now: datetime) -> None:
    """A runner was online for this job and its forge did not hand it over: no other VM is bought for a while."""
    _pause(Job.objects.filter(pk=runner.asked_for_id), RunnerUnused(), now)


def refused_runner(connection: Connection, problem: Reason, now: datetime) -> None:
    """A forge takes no runner of ours: no VM is bought for any of its jobs for a while."""
    Connection.objects.filter(pk=connection.pk).update(problems=[stored(problem)])
    _pause(Job.objects.filter(connection=connection), RunnerRefused(str(connection), str(problem)), now)


def _pause(paused: QuerySet[Job], reason: JobReason, now: datetime) -> None:
    """Longer each time, but once for all VMs that met the same trouble."""
    due = Q(next_offer_at=None) | Q(next_offer_at__lte=now)
    for job in paused.filter(due, state=Job.State.QUEUED):
        pause = min(FIRST_PAUSE * 2 ** min(job.offers, 10), LONGEST_PAUSE)
        job.offers, job.next_offer_at, job.awaits = job.offers + 1, now + pause, None
        job.set_reason(reason)
        job.save(update_fields=["offers", "next_offer_at", "awaits", "reason", "reason_params"])


def end_pause(connection: Connection) -> None:
    """The problem was fixed: its jobs get their VMs at once."""
    paused = Job.objects.filter(connection=connection, state=Job.State.QUEUED).exclude(next_offer_at=None)
    paused.update(offers=0, next_offer_at=None, **columns(ForgeRetried()))
