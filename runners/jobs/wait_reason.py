"""Why a job is where it is, as a reason, and until when: for pages and API alike.

For many jobs: timeline.read() them first, and timeline.usual() once.
"""

from dataclasses import dataclass
from datetime import datetime

from runners.jobs import failure_advice, ingest, timeline
from runners.models import VM, Job
from runners.reasons.ends import StepFailed
from runners.reasons.jobs import (
    Canceled,
    ChainTurn,
    EndUnknown,
    ForeignRunner,
    HandedOver,
    NodeDeploys,
    RerunBeforeEnd,
    RunnerRegisters,
    VmBoots,
    VmReady,
    VmReplaced,
    VmRestarts,
    VmWaits,
)
from tfci.core.reasons import Owner, Reason


@dataclass(frozen=True, slots=True)
class Cause:
    """`expected_at` is when its first step is expected; once that has passed it is `late`, and expected as soon as what
    is left takes."""

    reason: Reason
    expected_at: datetime | None = None
    late: bool = False

    @property
    def owner(self) -> Owner:
        return self.reason.owner

    @property
    def sentence(self) -> str:
        return str(self.reason)


def cause(job: Job, usual: timeline.Usual, now: datetime) -> Cause | None:
    """None where there is nothing to explain: it runs on a VM of ours that is there, or ended well."""
    if job.state == Job.State.QUEUED and job.awaits:
        return _of_vm(job, job.awaits, usual, now)
    reason = _reason(job)
    return Cause(reason) if reason else None


def _reason(job: Job) -> Reason | None:
    """Of one that no VM stands for while it is queued, or that is past that."""
    if job.state == Job.State.COMPLETED:
        return _of_end(job)
    if job.state != Job.State.IN_PROGRESS:
        return job.typed_reason
    if found := failure_advice.remedy(job):
        return found.reason
    return EndUnknown() if timeline.is_deserted(job) else _of_foreign(job)


def _of_vm(job: Job, vm: VM, usual: timeline.Usual, now: datetime) -> Cause:
    reason = _of_state(job, vm)
    if vm.node_id is None:
        return Cause(reason)  # until it is placed again nothing is expected
    ahead = timeline.phases(job, usual, now)
    first_step = next((phase.stop for phase in ahead if phase.name == "started"), None)
    return Cause(reason, first_step, late=any(phase.late(now) for phase in ahead))


def _of_state(job: Job, vm: VM) -> Reason:
    """Who has its VM now, and what for."""
    node = str(vm.node)
    match vm.state:
        case VM.State.WANTED:
            return (vm.failed_nodes and vm.typed_reason) or VmWaits()
        case VM.State.DEPLOYING:
            return NodeDeploys(node) if vm.sent_at else ChainTurn(node)
        case VM.State.BOOTING:
            return VmBoots(node)
        case VM.State.REFRESHING:
            return VmRestarts(node)
        case VM.State.ASSIGNED:
            return _of_registration(job, vm)
        case VM.State.STANDBY:
            return VmReady()
        case _:
            return VmReplaced()


def _of_registration(job: Job, vm: VM) -> Reason:
    """Its runner is registered, or is being registered and its forge may refuse it."""
    runner, reason = timeline.runner_of(job), vm.typed_reason
    if runner and runner.registered_at:
        return HandedOver(str(job.connection))
    return reason if reason and reason.owner == Owner.FORGE else RunnerRegisters()


def _of_end(job: Job) -> Reason | None:
    """Where the VM failed and not the code, the VM's end is the cause."""
    if job.foreign_runner:
        return _of_foreign(job)
    if job.conclusion == ingest.RERUN:
        return RerunBeforeEnd()
    if not timeline.failed(job):
        return Canceled() if job.conclusion == "cancelled" else None
    found = failure_advice.remedy(job)
    if found:
        return found.reason
    return StepFailed() if job.conclusion == "failure" else None


def _of_foreign(job: Job) -> ForeignRunner | None:
    return ForeignRunner(job.foreign_runner) if job.foreign_runner else None
