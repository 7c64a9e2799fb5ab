"""How well a forge's deliveries reach us: counts of those that were doubled or refused.

Call `count` after the delivery's own transaction, and only where something was odd: the door's way stays as it is.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import F

from tfci.forges.models import Connection, Tally

SPAN = timedelta(days=7)  # what is looked back at, and kept


def count(address: str, kind: str, now: datetime, said: str = "") -> None:
    """One more delivery of that kind (Tally.Kind) came to this address today. An address of nobody counts nowhere."""
    told = {"at": now, "said": said[:300]}
    today = Tally.objects.filter(connection__address=address, kind=kind, day=now.date())
    if today.update(count=F("count") + 1, **told):
        return
    connection = Connection.objects.filter(address=address, disconnected_at=None).first()
    if connection:
        Tally.objects.get_or_create(connection=connection, kind=kind, day=now.date(), defaults=told)
        today.update(count=F("count") + 1, **told)


def tallies(connections: Iterable[Connection], now: datetime) -> dict[int, dict[str, Tally]]:
    """Organisation id -> kind -> the last day's row, its count that of the whole span."""
    found: dict[int, dict[str, Tally]] = {}
    rows = Tally.objects.filter(connection__in=list(connections), day__gt=(now - SPAN).date()).order_by("day")
    for row in rows:
        kinds = found.setdefault(row.connection_id, {})
        row.count += kinds[row.kind].count if row.kind in kinds else 0
        kinds[row.kind] = row
    return found


def tidy(now: datetime) -> None:
    """Forget what nobody looks back at."""
    Tally.objects.filter(day__lte=(now - SPAN).date()).delete()
