"""What forges told -> jobs: a delivery that the door has written down is taken in with all that follows from it."""

from datetime import datetime

from django.db import connection as database, transaction
from django.db.models import Min

from runners.connections import polling
from runners.jobs import bulk_ingest
from runners.queue.effects import Effects
from tfci.forges import registry, webhook_inbox
from tfci.forges.models import Connection

MOST = 100  # deliveries in one transaction
LOCK = 0x6661726E  # the namespace of this file's advisory locks


def due() -> list[int]:
    """The organisations whose forges told something that is not taken in, those that told it first in front."""
    first = webhook_inbox.waiting().values("connection_id").annotate(first=Min("pk")).order_by("first")
    return list(first.values_list("connection_id", flat=True))


def ingest(connection_id: int, now: datetime) -> Effects | None:
    """The next few deliveries of one organisation; None where nothing is left, or where somebody else is taking them
    in: after its commit that one looks again. A job was heard of when the door heard of it."""
    if (
        not webhook_inbox.waiting().filter(connection_id=connection_id).exists()
    ):  # before the lock: whoever holds it, looks again
        return None
    with transaction.atomic():
        return _take(connection_id, now) if _lock(connection_id) else None


def _lock(connection_id: int) -> bool:
    """Until the transaction ends; False at once where somebody has it. Two who take in the same organisation would
    wait for each other's rows, and that long hold up all else in their queue."""
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK, connection_id])
        return cursor.fetchone()[0]


def _take(connection_id: int, now: datetime) -> Effects:
    connection = Connection.objects.select_related("team").get(pk=connection_id)
    told = webhook_inbox.read_next(connection_id, MOST)
    readings = [bulk_ingest.TimedReading(seen, at) for heard, at in told for seen in heard.jobs]
    effects = bulk_ingest.observe_all(connection, readings)
    registry.remember_webhooks(connection, told)
    if readings:
        polling.note_activity(connection, now, within=polling.OFTEN)
    elif any(heard.stirred for heard, _ in told):
        polling.note_activity(connection, now)
        effects.connections.add(connection.pk)
    return effects
