"""A VM's life, one function a state, from top to bottom. The only mover of VM.state.

Each function gets the row as leased, the outside, and the time. It returns To, or Wait with the cause that people
read. It may run twice: it checks before it acts, and what it makes outside is named from our own ids. Failure is a
reason on the move to REMOVING.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from runners.engine import State, To, Wait
from runners.gateways import Gateways
from runners.jobs import lost_jobs
from runners.metering import charges
from runners.models import VM, Job, Reuse, Runner
from runners.queue.effects import Effects
from runners.reasons import vm_ends, vms
from runners.reasons.ends import EndCode
from runners.reasons.retirements import ENDS_JOBS
from runners.vms import debug_access, deregistration, job_watch, liveness, registration, reuse
from tfci.core.optional import present
from tfci.core.reasons import Reason
from tfci.grid import nodes

DEPLOY = timedelta(minutes=10)  # from "sent" to the grid's answer
BOOT = timedelta(minutes=3)  # from "the grid has it" to the agent's claim
REFRESH = timedelta(minutes=3)  # from the end of a job to the claim of the VM that started anew
GRACE = timedelta(minutes=1)  # after a time limit, for the agent to end the job by itself
RETRY = 5  # seconds until an outside call that failed is made again
MAX_RETRY = 120


def wanted(vm: VM, gateways: Gateways, now: datetime) -> To | Wait:
    """A pool or server needs it. Leaves when it has node and quote, which those of pools are made with."""
    if vm.typed_retire_reason:
        return To("removing", vm.typed_retire_reason)
    if vm.node_id and vm.quote_id:
        ordered = {"ordered_at": now, "refusal": "", "refusal_params": None, "retry_at": None}
        return To("deploying", vms.Ordered(str(vm.node)), ordered)
    return Wait(30, vm.typed_reason or vms.NeedsNode())


def deploying(vm: VM, gateways: Gateways, now: datetime) -> To | Wait:
    """Its batch is sent under the twin's signing lease. Leaves when the grid has answered."""
    if vm.deployed_at:
        return To("booting", vms.Deployed(str(vm.node)))
    if vm.refusal:
        return _refused(vm)
    if vm.typed_retire_reason and not vm.sent_at:
        return To("removing", vm.typed_retire_reason)
    if vm.sent_at and now - vm.sent_at > DEPLOY:
        return To("removing", vm_ends.NoAnswer(str(vm.node), _minutes(DEPLOY)))
    return Wait(10, vms.NodeTakes(str(vm.node)) if vm.sent_at else vms.VmChainTurn())


def _refused(vm: VM) -> To:
    """Refused: nothing of it is left there, so it may be placed again. The node is set aside for a while where it is at
    fault, else the VM waits until `retry_at`; `failed_nodes` is a record for people."""
    if vm.typed_retire_reason:
        return To("removing", vm.typed_retire_reason)
    cleared = {"node": None, "quote": None, "ordered_at": None, "sent_at": None}
    reason = vms.NodeRefused(str(vm.node), str(vm.typed_refusal))
    return To("wanted", reason, cleared | {"failed_nodes": [*vm.failed_nodes, present(vm.node).node_id]})


def booting(vm: VM, gateways: Gateways, now: datetime) -> To | Wait:
    """The grid has it. Leaves when its agent has claimed it."""
    if vm.claimed_at:
        count_boot(vm)
        return To("standby", vms.Claimed())
    if vm.typed_retire_reason:
        return To("removing", vm.typed_retire_reason)
    if vm.died_at or now - vm.state_changed_at > BOOT:
        reason = vm_ends.DiedStarting() if vm.died_at else vm_ends.NeverStarted(_minutes(BOOT))
        nodes.record_failure(present(vm.node_id), reason, now)
        return To("removing", reason)
    return Wait(10, vms.Starting(str(vm.node)))


def standby(vm: VM, gateways: Gateways, now: datetime) -> To | Wait:
    """Its agent waits; it belongs to no forge yet. Leaves when reconcile has bound it to a demand."""
    runner = open_runner(vm)
    if runner:
        return To("assigned", vms.Bound(str(runner.asked_for)))
    if vm.typed_retire_reason:
        return To("removing", vm.typed_retire_reason)
    if lost := liveness.end(vm, now):
        return lost
    return Wait(30, vms.NeedsJob())


def assigned(vm: VM, gateways: Gateways, now: datetime) -> To | Wait:
    """Now its runner is registered, with exactly the job's labels. Leaves when the forge gives it a job."""
    runner = open_runner(vm)
    if runner is None:
        return To("removing", vm_ends.RunnerGone())
    if runner.job_id:
        return To("busy", vms.RunsJob(str(runner.job)))
    if lost := liveness.end(vm, now):
        return lost
    if runner.registered_at is None:
        return registration.register(vm, runner, gateways, now)
    if reason := registration.unneeded(vm, runner, now):
        return registration.let_go(vm, runner, reason, gateways, now)
    return Wait(10, vms.Handover(str(runner.connection)))


def busy(vm: VM, gateways: Gateways, now: datetime) -> To | Wait:
    """A job is in progress on its runner. Leaves when the job is over, or its time limit has passed."""
    runner = open_runner(vm)
    if runner is None:
        return To("removing", vm_ends.RunnerGone())
    if vm.retire_reason in ENDS_JOBS:
        return To("removing", present(vm.typed_retire_reason))
    effects = job_watch.update_job(runner, gateways, now)
    return replace(_running(vm, runner, now), effects=effects)


def _running(vm: VM, runner: Runner, now: datetime) -> To | Wait:
    """As far as its job is known now."""
    if present(runner.job).state == Job.State.COMPLETED:
        return _completed(vm, runner, now)
    if runner.done_at and now - runner.done_at > job_watch.forge_timeout(runner):
        return _end(vm, runner, _unreported(runner), now)
    if vm.pool and now - present(runner.taken_at) > job_watch.limit(vm.pool) + GRACE:
        return To("removing", vm_ends.JobTooLong(_minutes(job_watch.limit(vm.pool))))
    if lost := liveness.end(vm, now, runs=True):
        return lost
    return Wait(2 if runner.done_at else 15, vms.RunsJob(str(runner.job)))


def _completed(vm: VM, runner: Runner, now: datetime) -> To | Wait:
    """Its engine may print its last lines first. Where its pool lets jobs follow one another, it reboots."""
    job = present(runner.job)
    if not runner.done_at and now - job.read_at < job_watch.agent_timeout(vm, runner):
        return Wait(1, vms.LastLines())
    if refusal := reuse.refusal_reason(vm, runner, now):
        reused = vm.pool and vm.pool.reuse != Reuse.NEVER
        last = vm_ends.JobEndedLast(job.conclusion, vms.part(refusal))
        return _end(vm, runner, last if reused else vm_ends.JobEnded(job.conclusion), now)
    return To("refreshing", vms.JobFollows(job.conclusion), {"scope": reuse.scope(vm, runner)})


def _end(vm: VM, runner: Runner, end: Reason, now: datetime) -> To:
    """To its end; kept before it while somebody is in it, unless the agent that let them in is gone."""
    access = debug_access.present(vm, now)
    if access is None or runner.done_cause == EndCode.AGENT_KILLED:
        return To("removing", end)
    debug_access.keep_open(access, now)
    return To("kept", vms.KeptOpen(access.who, vms.part(end)))


def kept(vm: VM, gateways: Gateways, now: datetime) -> To | Wait:
    """Its job is over and somebody is in it to find out why it went as it did. Leaves when that access has ended."""
    access = debug_access.present(vm, now)
    if vm.typed_retire_reason or access is None:
        return To("removing", vm.typed_retire_reason or vm_ends.DebugOver())
    if lost := liveness.end(vm, now):
        return lost
    if stuck := deregistration.deregister_runners(vm, gateways, now):
        return Wait(RETRY, vms.Deregistering(stuck))
    left = (access.closes_at - now).total_seconds()
    return Wait(min(left, 15), vms.Debugged(access.who))


def refreshing(vm: VM, gateways: Gateways, now: datetime) -> To | Wait:
    """Between two jobs it reboots, so that nothing of the first can be read. Leaves when a new agent has claimed it, in
    the window that is opened once its forge no longer has the runner."""
    refresh = reuse.current_refresh(vm)
    if refresh.claimed_at:
        return To("standby", vms.CameBack(round(reuse.duration(refresh).total_seconds(), 1)))
    if vm.typed_retire_reason:
        return To("removing", vm.typed_retire_reason)
    if now - vm.state_changed_at > REFRESH:
        return To("removing", vm_ends.NeverCameBack(_minutes(REFRESH)))
    if stuck := deregistration.deregister_runners(vm, gateways, now):
        return Wait(RETRY, vms.Deregistering(stuck))
    if refresh.opened_at is None:
        reuse.open_window(refresh, vm.state_changed_at + REFRESH, now)
        return Wait(10, vms.Rebooting(), effects=Effects(agents={vm.pk}))
    return Wait(10, vms.Rebooting())


def removing(vm: VM, gateways: Gateways, now: datetime) -> To | Wait:
    """No longer wanted, done, or failed. Leaves when the forge has removed the runner, the grid has removed the VM,
    and the ledger has the final charge."""
    debug_access.finish(vm, now)
    lost_jobs.request_end(vm, now)
    stuck = deregistration.deregister_runners(vm, gateways, now)
    if vm.sent_at and not vm.removed_at:
        return Wait(10, vms.CancelingContract())
    if stuck:
        return Wait(_retry_pause(vm, now), vms.Deregistering(stuck))
    charges.settle(vm, now)
    return To("gone", _end_reason(vm))


def _retry_pause(vm: VM, now: datetime) -> float:
    """Seconds until the next try: as long again as it has tried, for a forge may be away for days."""
    return min(max((now - vm.state_changed_at).total_seconds(), RETRY), MAX_RETRY)


def _end_reason(vm: VM) -> Reason:
    """Why its removal began: what people want to read of a VM that is gone."""
    began = vm.events.filter(now=VM.State.REMOVING).order_by("pk").first()
    return (began and began.typed_reason) or vm.typed_reason or vms.CancelingContract()


def open_runner(vm: VM) -> Runner | None:
    """Its registration that the forge still has; at most one."""
    return vm.runners.filter(deregistered_at=None).select_related("connection", "asked_for", "job").first()


def _unreported(runner: Runner) -> Reason:
    """Its forge never reported how the job ended; its agent may have."""
    return (
        vm_ends.EngineEnded(runner.done_cause, runner.done_said)
        if runner.done_said
        else vm_ends.EndUnreported()
    )


def _minutes(span: timedelta) -> int:
    return round(span.total_seconds() / 60)


def count_boot(vm: VM) -> None:
    """Add to its node's record that it came up, with how long that took. The grid's answer may come after the claim,
    with those of a batch: then nobody knows."""
    took = present(vm.claimed_at) - present(vm.deployed_at)
    boot_ms = round(took.total_seconds() * 1000) if took > timedelta(0) else None
    nodes.record_success(present(vm.node_id), sent_at=vm.sent_at, boot_ms=boot_ms)


STATES: Mapping[str, State] = {
    VM.State.WANTED: wanted,
    VM.State.DEPLOYING: deploying,
    VM.State.BOOTING: booting,
    VM.State.STANDBY: standby,
    VM.State.ASSIGNED: assigned,
    VM.State.BUSY: busy,
    VM.State.KEPT: kept,
    VM.State.REFRESHING: refreshing,
    VM.State.REMOVING: removing,
}
