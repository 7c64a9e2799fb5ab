"""Why a job is where it is, in one sentence, and until when: for pages and API alike.

For many jobs: legs.read() them first, and legs.usual() once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from runners.jobs import failure_advice, ingest, timeline
from runners.models import VM, Job


@dataclass(frozen=True, slots=True)
class Cause:
    """`owner` is forge, farmhand, grid, machine or code. `expected_at` is when its first step is expected; once
    that has passed it is `late`, and expected as soon as what is left takes."""

    owner: str
    sentence: str
    expected_at: datetime | None = None
    late: bool = False
    code: str = ""  # of reasons/waits.py, where no VM stands for it
    params: Mapping[str, Any] = field(default_factory=dict)


def cause(job: Job, usual: timeline.Usual, now: datetime) -> Cause | None:
    """None where there is nothing to explain: it runs on a machine of ours that is there, or ended well."""
    match job.state:
        case Job.State.QUEUED if job.awaits:
            return _of_machine(job, usual, now)
        case Job.State.QUEUED:
            return _of_none(job, "forge" if job.offers and not job.reason else "farmhand")
        case Job.State.WAITING:
            return Cause("forge", job.why)
        case Job.State.NOT_OURS:
            return Cause("forge", job.why)
        case Job.State.REFUSED:
            return _of_none(job, "code" if job.pool_id and not job.size else "farmhand")
        case Job.State.COMPLETED:
            return _of_end(job)
        case Job.State.IN_PROGRESS if found := failure_advice.remedy(job):
            return Cause(found.owner, failure_advice.sentence(job, found))
        case Job.State.IN_PROGRESS if timeline.deserted(job):
            return Cause("forge", "its engine has ended, and its forge has not said how")
        case _:
            return _of_foreign(job)


def _of_none(job: Job, owner: str) -> Cause:
    """No VM stands for it."""
    return Cause(owner, job.why, code=job.reason, params=job.reason_params or {})


def _of_machine(job: Job, usual: timeline.Usual, now: datetime) -> Cause:
    owner, sentence = _present(job.awaits)
    if job.awaits.node_id is None:
        return Cause(owner, sentence)  # until it is placed again nothing is expected
    ahead = timeline.of(job, usual, now)
    first_step = next((leg.stop for leg in ahead if leg.name == "started"), None)
    return Cause(owner, sentence, first_step, late=any(leg.late(now) for leg in ahead))


def _present(vm: VM) -> tuple[str, str]:
    """Who has it now, and what for."""
    match vm.state:
        case VM.State.WANTED:
            return "farmhand", _waits(vm.why)
        case VM.State.DEPLOYING if not vm.sent_at:
            return "farmhand", f"its machine waits for our turn on the chain, to go to {vm.node}"
        case VM.State.DEPLOYING:
            return "grid", f"{vm.node} is taking the machine"
        case VM.State.BOOTING:
            return "machine", f"the machine on {vm.node} is starting"
        case VM.State.REFRESHING:
            return "machine", f"the machine on {vm.node} starts anew after another job"
        case VM.State.ASSIGNED if vm.why.startswith("bound to"):
            return "farmhand", "its runner is being registered"
        case VM.State.ASSIGNED:
            return "forge", _waits(vm.why)
        case VM.State.STANDBY:
            return "farmhand", "a machine stands by and is given to it"
        case _:
            return "farmhand", "the machine that was meant for it has gone; another is being found"


def _waits(why: str) -> str:
    """A machine's cause ("for a node") as a sentence about its job."""
    return f"it waits {why}" if why.startswith("for ") else why


def _of_end(job: Job) -> Cause | None:
    """Where the machine failed and not the code, the machine's end is the cause."""
    if job.foreign_runner:
        return _of_foreign(job)
    if job.conclusion == ingest.RERUN:
        return Cause("forge", "it was run again there before its end was told")
    if not timeline.failed(job):
        return Cause("forge", "it was cancelled there") if job.conclusion == "cancelled" else None
    found = failure_advice.remedy(job)
    if found is None:
        return Cause("code", "a step of the job failed") if job.conclusion == "failure" else None
    return Cause(found.owner, failure_advice.sentence(job, found))


def _of_foreign(job: Job) -> Cause | None:
    if not job.foreign_runner:
        return None
    return Cause("forge", f"the runner {job.foreign_runner} took it, which is not one of ours")
