"""What the doors do, one after the other in this process, until nothing is due: for tests of whole ways."""

from billing import wallets
from runners import engine
from runners.connections import polling
from runners.models import VM, Job, Pool, Runner
from runners.pools import reconcile
from runners.servers import reconcile as server_reconcile
from runners.vm_kinds import kind
from runners.vms import deploy_batches
from tfci.forges.models import Connection

MOST = 50  # rounds until everything must have come to rest


def settle(world, clock):
    """Let all go on that can at this moment. Raises AssertionError when it never comes to rest."""
    for _ in range(MOST):
        if not _round(world, clock):
            return
    raise AssertionError(f"still not at rest after {MOST} rounds")


def _round(world, clock):
    before = snapshot()
    for pool in Pool.objects.filter(closed_at=None):
        reconcile.run(pool.pk, clock())
    for server_id in server_reconcile.due():
        server_reconcile.keep_up(server_id, clock())
    walk_due(world, clock)
    for twin_id in wallets.twins():
        deploy_batches.send(twin_id, world, clock())
    walk_due(world, clock)
    return snapshot() != before


def walk_due(world, clock):
    for vm in VM.objects.exclude(state="gone").filter(next_step_at__lte=clock()):
        walk(vm, world, clock)


def walk(vm, world, clock):
    """Let one VM walk until it has to wait, and read it again."""
    for _ in range(MOST):
        taken = engine.lease_due(vm.pk, clock())
        if taken is None:
            vm.refresh_from_db()
            return vm
        engine.run(taken, kind(taken).states, world, clock())
    raise AssertionError(f"{vm} walks on after {MOST} steps")


def ask(world, clock):
    """One round of polling all organisations, as often as it is due."""
    for connection_id in polling.due(clock()):
        polling.ask(polling.lease_due(connection_id, clock()), world, clock())


def snapshot():
    """What counts as movement: states, facts and wishes, not times."""
    vms = VM.objects.order_by("pk").values_list(
        "pk", "state", "node", "sent_at", "deployed_at", "removed_at", "retire_reason"
    )
    jobs = Job.objects.order_by("pk").values_list("pk", "state", "vm", "awaits")
    runners = Runner.objects.order_by("pk").values_list("pk", "job", "registered_at", "deregistered_at")
    connections = Connection.objects.order_by("pk").values_list("pk", "disconnected_at")
    return list(vms), list(jobs), list(runners), list(connections)
