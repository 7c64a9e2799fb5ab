"""What ended a job that failed, and what to do about it: out of memory, disk full, time limit, a lost node, our own
trouble, the job's own failure; told apart as far as agent and grid report them.

Pages, API, CSV and automatic reruns use this. For many jobs: timeline.read() them first.
"""

from dataclasses import dataclass
from datetime import timedelta

from runners.jobs import labels, timeline
from runners.models import VM, Event, Job
from runners.reasons.ends import (
    BalanceSpent,
    EndReason,
    LimitEndedJob,
    OwnTwinSpentJob,
    StepFailed,
    TimeLimit,
    VmLeft,
    VmLost,
)
from runners.reasons.retirements import RetireCode
from tfci.core.optional import present
from tfci.forges import registry

LEAVING = (VM.State.KEPT, VM.State.REMOVING)


@dataclass(frozen=True, slots=True)
class Remedy:
    """`labels_text`: what to write into the workflow instead, where a larger size helps."""

    reason: EndReason
    labels_text: str = ""


def remedy(job: Job) -> Remedy | None:
    """None for a job that has not failed, or failed on a runner that is not ours. One whose VM is gone has failed,
    whether its forge has noticed or not."""
    vm, end = job.vm, timeline.ended(job)
    if vm is None or not (timeline.failed(job) or timeline.is_deserted(job)):
        return None
    match vm.ended_for(end):
        case RetireCode.BALANCE_SPENT:
            return Remedy(BalanceSpent())
        case RetireCode.OWN_TWIN_SPENT:
            return Remedy(OwnTwinSpentJob())
        case RetireCode.LIMIT_REACHED:
            return Remedy(LimitEndedJob(str(vm.typed_retire_reason)))
    if end is None:
        return Remedy(_silent_end(job, vm))
    found = EndReason.known.get(end.done_cause)
    if found is None:
        return Remedy(StepFailed()) if job.conclusion == "failure" else None
    reason = found(end.done_said or str(vm.typed_reason or ""))
    return Remedy(reason, larger(job, vm, reason.lacks) if reason.lacks else "")


def _silent_end(job: Job, vm: VM) -> EndReason:
    """Of one whose agent reported no end: its VM was removed under it, or the job ended first."""
    if vm.died_at:
        return VmLost(_departure(job) or f"{vm.node} lost the VM")
    if ran_too_long(job):
        return TimeLimit(_departure(job))
    return VmLeft(_departure(job)) if left(job) or timeline.is_deserted(job) else StepFailed()


def _departure(job: Job) -> str:
    """Why its VM went, in words."""
    row = left(job) or (job.vm if timeline.is_deserted(job) else None)
    return str(row.typed_reason or "") if row else ""


def left(job: Job) -> Event | None:
    """When and why its VM left it before its end; None where the job ended first. By our own clock: its forge may
    report minutes later that it is over."""
    departure = next((each for each in present(job.vm).events.all() if each.now in LEAVING), None)
    ended_first = departure and job.state == Job.State.COMPLETED and departure.at >= job.read_at
    return None if ended_first else departure


def ran_too_long(job: Job) -> bool:
    """Whether its VM left it after its pool's limit."""
    departure = left(job)
    if not (departure and job.started_at and job.pool):
        return False
    return departure.at - job.started_at >= timedelta(minutes=job.pool.job_minutes)


def larger(job: Job, vm: VM, part: str) -> str:
    """What its workflow writes for its labels with the next named size that has more of it; "" where its pool serves
    none."""
    limits = labels.SizeLimits.over(labels.Size.parse(size) for size in job.pool.sizes) if job.pool else None
    for name, size in labels.NAMED.items():
        fits = limits is None or all(
            getattr(size, p) <= getattr(limits, p) for p in ("cpu", "memory_gb", "disk_gb")
        )
        if fits and getattr(size, part) > getattr(vm, part):
            kept = labels.labels_without_size(job.labels)
            return registry.kind(job.connection.forge).workflows.asks([*kept, name])
    return ""
