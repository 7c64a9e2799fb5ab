"""Webhooks -> jobs: a delivery that the webhook view has stored is processed with all its effects."""

from datetime import datetime

from django.db import connection as database, transaction
from django.db.models import Min

from runners.connections import polling
from runners.jobs import bulk_ingest
from runners.queue.effects import Effects
from tfci.forges import registry, webhook_inbox
from tfci.forges.models import Connection

BATCH = 100  # deliveries in one transaction
LOCK = 0x6661726E  # the namespace of this file's advisory locks


def due() -> list[int]:
    """The organisations with deliveries that are not processed, the oldest delivery first."""
    first = webhook_inbox.waiting().values("connection_id").annotate(first=Min("pk")).order_by("first")
    return list(first.values_list("connection_id", flat=True))


def ingest(connection_id: int, now: datetime) -> Effects | None:
    """Process the next few deliveries of one organisation; None where nothing is left, or where another process has
    them: after its commit that one checks again. A job counts as discovered when its delivery came in."""
    if (
        not webhook_inbox.waiting().filter(connection_id=connection_id).exists()
    ):  # before the lock: its holder checks again
        return None
    with transaction.atomic():
        return _process(connection_id, now) if _lock(connection_id) else None


def _lock(connection_id: int) -> bool:
    """Until the transaction ends; False at once where somebody has it. Two that process the same organisation would
    wait for each other's rows, and that long hold up all else in their queue."""
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK, connection_id])
        return cursor.fetchone()[0]


def _process(connection_id: int, now: datetime) -> Effects:
    connection = Connection.objects.select_related("team").get(pk=connection_id)
    events = webhook_inbox.read_next(connection_id, BATCH)
    readings = [bulk_ingest.TimedReading(seen, at) for event, at in events for seen in event.jobs]
    effects = bulk_ingest.observe_all(connection, readings)
    registry.remember_webhooks(connection, events)
    if readings:
        polling.note_activity(connection, now, within=polling.OFTEN)
    elif any(event.stirred for event, _ in events):
        polling.note_activity(connection, now)
        effects.connections.add(connection.pk)
    return effects
