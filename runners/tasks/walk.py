"""Let a machine walk through its states, and nudge who has something to do now that it moved."""

from collections.abc import Iterator

from django.utils import timezone

from runners import engine, gateways
from runners.models import VM
from runners.queue import nudges
from runners.vms import lifecycle


def walk(vm_id: int) -> Iterator[tuple[VM, str]]:
    """Until it has to wait; yields each move's VM and new state."""
    while vm := engine.take(vm_id, timezone.now()):
        outcome = engine.run(vm, lifecycle.STATES, gateways.WORLD, timezone.now())
        if isinstance(outcome, engine.To):
            yield vm, outcome.state


def tell(vm: VM, state: str) -> None:
    """Its twin, its pool, its server."""
    if state == "deploying" or (state == "removing" and vm.sent_at):
        nudges.turn(vm.wallet.twin_id)
    if vm.pool_id and state in ("standby", "wanted", "gone"):
        nudges.reconcile_pool(vm.pool_id)
    if vm.server_id and state in ("wanted", "removing", "gone"):
        nudges.keep_server(vm.server_id)
