"""Compare the jobs that run with their team's spending limits: they end where their pool says so, else they are noted.

New VMs are stopped where they are planned (pools/planner.py). A check may run twice or die in the middle.
"""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from billing.spending import crossings, limit as spending_limit, periods
from billing.spending.crossings import Crossing
from billing.spending.limit import Limit, Usage
from runners import engine
from runners.metering import charges, limit_usage
from runners.models import VM, Event, Job
from runners.queue.effects import Effects
from runners.reasons.retirements import ENDS_JOBS, LimitReached
from runners.reasons.vm_notes import JobOverLimit, VmNoteCode
from tfci.core.optional import present
from tfci.core.tft import Tft


@dataclass(slots=True)
class CheckedJobs:
    """`over`: jobs that go on over a limit per job."""

    effects: Effects = field(default_factory=Effects)
    over: list[Crossing] = field(default_factory=list)


@transaction.atomic
def check(team_id: int, now: datetime) -> CheckedJobs:
    """End or note the running jobs of a team that are over a limit."""
    used, checked = limit_usage.read(team_id, now), CheckedJobs()
    if used.team is None:
        return checked
    room, midnight = used.room, periods.day(now, used.team.zone).until
    for vm, job in _running(team_id):
        cost = _cost(vm, job, now)
        spent = room.spent(vm.pool_id, job.repository)
        over = spending_limit.exceeded(used.limits, vm.pool_id, job.repository, cost)
        if present(vm.pool).end_jobs_at_limit and (spent or (over and over.stops)):
            reason = _reason(spent, over, cost)
            VM.objects.filter(pk=vm.pk, state=VM.State.BUSY).retire(reason, now)
            checked.effects.vms.add(vm.pk)
        elif over:
            _note(vm, JobOverLimit.per_job(over, cost), now)
            checked.over.append(crossings.of_job(over, job.pk, cost, midnight))
    return checked


def _running(team_id: int) -> list[tuple[VM, Job]]:
    """VMs that run a job and are not to end it yet."""
    busy = VM.objects.filter(team=team_id, state=VM.State.BUSY).exclude(quote=None).exclude(pool=None)
    vms = list(busy.exclude(retire_reason__in=ENDS_JOBS).select_related("quote", "pool"))
    charges.load(vms)
    runners = [(vm, one) for vm in vms for one in vm.runners.all() if not one.deregistered_at]
    return [(vm, one.job) for vm, one in runners if one.job]


def _cost(vm: VM, job: Job, now: datetime) -> Tft:
    """Of the job so far, with its share of what its VM took besides."""
    return Tft(sum(cost for (_, job_id), cost in charges.shares(vm, now).items() if job_id == job.pk))


def _reason(spent: Usage | None, over: Limit | None, cost: Tft) -> LimitReached:
    return LimitReached.of(spent) if spent else LimitReached.per_job(present(over), cost)


def _note(vm: VM, reason: JobOverLimit, now: datetime) -> None:
    """An event on its VM, once."""
    if not vm.events.filter(reason=VmNoteCode.JOB_OVER_LIMIT).exists():
        Event.objects.bulk_create([engine.event(vm, reason, now)])
