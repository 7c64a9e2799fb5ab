"""What is decided from rows alone: jobs are taken in, pools and servers reconciled, machines placed."""

from celery import shared_task
from django.utils import timezone

from runners.connections import webhook_ingest
from runners.pools import reconcile
from runners.queue import nudges
from runners.servers import reconcile as server_reconcile
from runners.tasks.walk import tell, walk
from runners.vms import deploy_batches


@shared_task
def take_in(*, org_id: int, **_) -> None:
    """Take in what an organisation's forge told. What is told meanwhile needs no message of its own, until shortly
    before the last look."""
    try:
        _take_all(org_id)
    finally:
        nudges.tell_anew(f"{nudges.DECIDE}.take_in", org_id=org_id)
    _take_all(org_id)


def _take_all(org_id: int) -> None:
    while (effects := webhook_ingest.take(org_id, timezone.now())) is not None:
        nudges.follow(effects)


@shared_task
@nudges.merged
def reconcile_pool(*, pool_id: int, **_) -> None:
    """Reconcile one pool, with all of its team."""
    now = timezone.now()
    carried = reconcile.run(pool_id, now)
    for vm_id in carried.vms:
        nudges.step(vm_id)
    _order(carried.placed)
    if carried.more:
        nudges.reconcile_pool(pool_id)


@shared_task
@nudges.merged
def keep_server(*, server_id: int, **_) -> None:
    """See to one server's machine, as `reconcile_pool` does to a pool's."""
    now = timezone.now()
    carried = server_reconcile.keep(server_id, now)
    for vm_id in carried.vms:
        nudges.step(vm_id)
    _order(deploy_batches.place(carried.wallet_id, now))


def _order(placed: set[int]) -> None:
    """What was placed walks at once, for it calls nobody on its way to the chain, and all of it before its twin's
    turn, so that one batch carries it."""
    for move in [move for vm_id in sorted(placed) for move in walk(vm_id)]:
        tell(*move)
