"""What is decided from rows alone: deliveries are ingested, pools and servers reconciled, VMs placed."""

from celery import shared_task
from django.utils import timezone

from runners.connections import webhook_ingest
from runners.pools import reconcile
from runners.queue import nudges
from runners.queue.effects import Effects
from runners.servers import reconcile as server_reconcile
from runners.tasks.stepping import run_steps_together


@shared_task
def ingest_deliveries(*, connection_id: int, **_: object) -> None:
    """Ingest an organisation's deliveries. Those that come meanwhile need no message of their own, until shortly before
    the last read."""
    try:
        _ingest_all(connection_id)
    finally:
        nudges.forget_merged(f"{nudges.DECIDE}.ingest_deliveries", connection_id=connection_id)
    _ingest_all(connection_id)


def _ingest_all(connection_id: int) -> None:
    while (effects := webhook_ingest.ingest(connection_id, timezone.now())) is not None:
        nudges.follow(effects)


@shared_task
@nudges.merge
def reconcile_pool(*, pool_id: int, **_: object) -> None:
    """Reconcile one pool, with all of its team."""
    _follow(reconcile.run(pool_id, timezone.now()))


@shared_task
@nudges.merge
def keep_server(*, server_id: int, **_: object) -> None:
    """Reconcile one server's VM, as `reconcile_pool` does a pool's."""
    _follow(server_reconcile.keep_up(server_id, timezone.now()))


def _follow(effects: Effects) -> None:
    """VMs that were placed are stepped at once, before their twin's turn."""
    nudges.follow(effects)
    nudges.follow(run_steps_together(effects.placed))
