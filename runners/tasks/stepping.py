"""Run a VM's states one after the other; what must react to its moves is an effect."""

from collections.abc import Iterable, Iterator

from django.utils import timezone

from runners import engine, gateways
from runners.models import VM
from runners.queue.effects import Effects
from runners.vm_kinds import kind
from tfci.core.optional import present


def run_steps(vm_id: int) -> Iterator[Effects]:
    """Step it until it has to wait; effects come after each step, for the next one may take long."""
    while vm := engine.lease_due(vm_id, timezone.now()):
        outcome = engine.run(vm, kind(vm).states, gateways.GATEWAYS, timezone.now())
        effects = outcome.effects
        if isinstance(outcome, engine.To):
            effects.add(_after_move(vm, outcome.state))
        yield effects


def run_steps_together(vm_ids: Iterable[int]) -> Effects:
    """Step VMs whose steps make no outside calls, all of them before their effects, so that one batch carries
    them."""
    effects = Effects()
    for vm_id in sorted(vm_ids):
        for step in run_steps(vm_id):
            effects.add(step)
    return effects


def _after_move(vm: VM, state: str) -> Effects:
    """Its twin has to send or cancel it; its pool or server may want another, or use it."""
    effects = Effects()
    if state == VM.State.DEPLOYING or (state == VM.State.REMOVING and vm.sent_at):
        effects.twins.add(present(vm.signer_id))
    if vm.pool_id and state in (VM.State.STANDBY, VM.State.WANTED, VM.State.GONE):
        effects.pools.add(vm.pool_id)
    if vm.server_id and state in (VM.State.WANTED, VM.State.REMOVING, VM.State.GONE):
        effects.servers.add(vm.server_id)
    return effects
