"""The life of a server's VM, one function a state: it is deployed and removed as those for jobs are, and in between it
runs its app until the server is deleted."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from runners.engine import State, To, Wait
from runners.gateways import Gateways
from runners.models import VM
from runners.queue.effects import Effects
from runners.reasons import vm_ends, vms
from runners.reasons.ends import EndCode
from runners.servers import catalogue, runs
from runners.vms import lifecycle, liveness
from tfci.core.optional import present
from tfci.grid import registry

START = timedelta(minutes=5)  # from its agent's claim to its app's first answer
UNANSWERED = timedelta(seconds=30)  # without an answer of its app until its page shows that


def wanted(vm: VM, gateways: Gateways, now: datetime) -> To | Wait:
    """Its server needs it. Leaves when it has node and quote, to start from the image that has its app."""
    outcome = lifecycle.wanted(vm, gateways, now)
    if isinstance(outcome, To) and outcome.state == VM.State.DEPLOYING:
        image = catalogue.image(present(vm.server).app, registry.network())
        return replace(outcome, columns={**outcome.columns, "boot_image": image})
    return outcome


def booting(vm: VM, gateways: Gateways, now: datetime) -> To | Wait:
    """The grid has it. Leaves when its agent has claimed it and its app answers."""
    if vm.claimed_at is None:
        return lifecycle.booting(vm, gateways, now)
    run = runs.current(vm)
    if run and run.last_answer_at and not run.ended_at:
        lifecycle.count_boot(vm)
        return To("serving", vms.AppAnswers())
    if vm.typed_retire_reason:
        return To("removing", vm.typed_retire_reason)
    if run and run.ended_at:
        return To("removing", vm_ends.AppFailed(run.end_message))
    if lost := _lost(vm, now):
        return lost
    if now - vm.claimed_at > START:
        return To("removing", vm_ends.AppNeverAnswered(START // timedelta(minutes=1)))
    waiting = Wait(10, vms.AppStarting())
    return waiting if run else _start(vm, waiting, now)


def _start(vm: VM, waiting: Wait, now: datetime) -> Wait:
    """Have its program run; its waiting agent is told at once."""
    runs.begin(vm, now)
    return replace(waiting, effects=Effects(agents={vm.pk}))


def serving(vm: VM, gateways: Gateways, now: datetime) -> To | Wait:
    """Its app answers. Leaves when nobody wants it any more, or the VM is lost; a program that ends is started again on
    the same VM, for its data is there."""
    if vm.typed_retire_reason:
        return To("removing", vm.typed_retire_reason)
    run = present(runs.current(vm))
    if run.end_cause == EndCode.AGENT_KILLED:
        return To("removing", vm_ends.EngineEnded(run.end_cause, run.end_message))
    if lost := _lost(vm, now):
        return lost
    if run.ended_at:
        left = run.ended_at + runs.pause(vm, now) - now
        if left > timedelta(0):
            return Wait(left.total_seconds(), vms.ProgramRests(run.end_message))
        return _start(vm, Wait(10, vms.AppSilent()), now)
    if run.last_answer_at is None or now - run.last_answer_at > UNANSWERED:
        return Wait(10, vms.AppSilent())
    return Wait(15, vms.AppAnswers())


def _lost(vm: VM, now: datetime) -> To | None:
    return liveness.end(vm, now, runs=True, keeps_data=True)


STATES: Mapping[str, State] = {
    VM.State.WANTED: wanted,
    VM.State.DEPLOYING: lifecycle.deploying,
    VM.State.BOOTING: booting,
    VM.State.SERVING: serving,
    VM.State.REMOVING: lifecycle.removing,
}
