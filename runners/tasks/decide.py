"""What is decided from rows alone: jobs are taken in, pools and servers reconciled, VMs placed."""

from celery import shared_task
from django.utils import timezone

from runners.connections import webhook_ingest
from runners.pools import reconcile
from runners.queue import nudges
from runners.queue.effects import Effects
from runners.servers import reconcile as server_reconcile
from runners.tasks.walk import walk_together


@shared_task
def take_in(*, connection_id: int, **_: object) -> None:
    """Take in what an organisation's forge told. What is told meanwhile needs no message of its own, until shortly
    before the last look."""
    try:
        _take_all(connection_id)
    finally:
        nudges.tell_anew(f"{nudges.DECIDE}.take_in", connection_id=connection_id)
    _take_all(connection_id)


def _take_all(connection_id: int) -> None:
    while (effects := webhook_ingest.ingest(connection_id, timezone.now())) is not None:
        nudges.follow(effects)


@shared_task
@nudges.merged
def reconcile_pool(*, pool_id: int, **_: object) -> None:
    """Reconcile one pool, with all of its team."""
    _follow(reconcile.run(pool_id, timezone.now()))


@shared_task
@nudges.merged
def keep_server(*, server_id: int, **_: object) -> None:
    """See to one server's VM, as `reconcile_pool` does to a pool's."""
    _follow(server_reconcile.keep_up(server_id, timezone.now()))


def _follow(effects: Effects) -> None:
    """What was placed walks at once, before its twin's turn."""
    nudges.follow(effects)
    nudges.follow(walk_together(effects.placed))
