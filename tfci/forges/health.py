"""Counts of webhook deliveries that were doubled or refused.

Call `count` after the delivery's own transaction, and only if something was wrong: the normal path stays fast.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import F

from tfci.forges.models import Connection, Tally

SPAN = timedelta(days=7)  # counts of these days are shown, and kept


def count(address: str, kind: str, now: datetime, answer: str = "") -> None:
    """Count a delivery of that kind (Tally.Kind) to this address. An unknown address counts nowhere."""
    fields = {"at": now, "said": answer[:300]}
    today = Tally.objects.filter(connection__address=address, kind=kind, day=now.date())
    if today.update(count=F("count") + 1, **fields):
        return
    connection = Connection.objects.filter(address=address, disconnected_at=None).first()
    if connection:
        Tally.objects.get_or_create(connection=connection, kind=kind, day=now.date(), defaults=fields)
        today.update(count=F("count") + 1, **fields)


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
    """Delete old counts."""
    Tally.objects.filter(day__lte=(now - SPAN).date()).delete()
