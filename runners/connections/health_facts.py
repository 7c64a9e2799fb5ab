"""What is counted beside a connection's row for its health: deliveries, missed webhooks, orphans, scale sets."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    Count,
    Func,
    IntegerField,
    Max,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import Coalesce

from runners.models import Job, Orphan
from tfci.forges import health
from tfci.forges.models import Connection, Delivery, ScaleSet, Tally

Row = TypeVar("Row", bound=Model)

LATE = timedelta(minutes=2)  # a webhook that comes so long after the poll is not missed yet
COUNTED = 1000  # deliveries; more are shown as "more than" this


@dataclass(frozen=True, slots=True)
class HealthFacts:
    """What is counted beside the row, over health.SPAN."""

    tallies: dict[str, Tally] = field(default_factory=dict)
    missed: int = 0
    missed_at: datetime | None = None
    orphans: int = 0
    orphan_at: datetime | None = None
    delivered: int = 0  # deliveries, at most COUNTED and one more
    scale_sets: tuple[ScaleSet, ...] = ()  # that are wanted


def counted(connections: QuerySet[Connection], now: datetime) -> QuerySet[Connection]:
    """With `missed`, `missed_at`, `orphans`, `orphan_at` and `delivered` of each, as `facts` takes them."""
    since = now - health.SPAN
    jobs = Job.objects.filter(connection=OuterRef("pk"), discovered_by="poll", first_webhook_at=None)
    late = jobs.filter(discovered_at__gt=since, discovered_at__lte=now - LATE)
    found = Orphan.objects.filter(connection=OuterRef("pk"), removed_at__gt=since)
    return connections.annotate(
        missed=Coalesce(_hooked(_one(late, Count("pk"))), 0),
        missed_at=_hooked(_one(late, Max("discovered_at"))),
        orphans=Coalesce(_one(found, Count("pk")), 0),
        orphan_at=_one(found, Max("removed_at")),
        delivered=_up_to(COUNTED + 1, Delivery.objects.filter(connection=OuterRef("pk"))),
    )


def _up_to(limit: int, rows: QuerySet[Row]) -> Func:
    """How many there are, without counting further than that."""
    found = ArraySubquery(rows.order_by().values("pk")[:limit])
    return Func(found, function="cardinality", output_field=IntegerField())


def _one(rows: QuerySet[Row], sum_of: Count | Max) -> Subquery:
    return Subquery(rows.order_by().values("connection").annotate(all=sum_of).values("all"))


def _hooked(value: Subquery) -> Case:
    """Only where a webhook should have come."""
    return Case(When(Q(way=Connection.Way.WEBHOOK) & ~Q(hook_id=""), then=value))


def facts(connections: Iterable[Connection], now: datetime) -> dict[int, HealthFacts]:
    """Organisation id -> its facts; `connections` as `counted` has read them."""
    connections = list(connections)
    tallies, sets = health.tallies(connections, now), _scale_sets(connections)
    return {
        connection.pk: HealthFacts(
            tallies.get(connection.pk, {}),
            connection.missed,  # type: ignore[attr-defined]  # annotated by the query
            connection.missed_at,  # type: ignore[attr-defined]  # annotated by the query
            connection.orphans,  # type: ignore[attr-defined]  # annotated by the query
            connection.orphan_at,  # type: ignore[attr-defined]  # annotated by the query
            connection.delivered,  # type: ignore[attr-defined]  # annotated by the query
            tuple(one for one in sets if one.connection_id == connection.pk),
        )
        for connection in connections
    }


def _scale_sets(connections: Iterable[Connection]) -> list[ScaleSet]:
    """Without what is secret of them, for to decipher that takes its time."""
    if not settings.SCALE_SETS:
        return []
    return list(
        ScaleSet.objects.filter(connection__in=connections, wanted=True)
        .defer("access_token", "queue_token")
        .order_by("pk")
    )
