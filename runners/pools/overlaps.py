"""Pools of one team whose jobs may run on each other's VMs though their rules differ. Reads rows, changes nothing.

Most forges give a runner any job whose labels are all among its own, whichever pool the runner was made for."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from runners.models import Pool
from tfci.forges import registry
from tfci.forges.models import Connection

LIMITS = ("certified", "min_success_percent")  # of a pool's rule: they narrow its nodes down


class Difference(StrEnum):
    NODES = "nodes"
    MAX_PRICE = "price limit"
    PROTECTION = "protection"


@dataclass(frozen=True, slots=True)
class Overlap:
    """`lends`: jobs of the other pool may run on this one's VMs; `borrows`: this one's on the other's."""

    other: Pool
    lends: bool
    borrows: bool
    differences: tuple[Difference, ...]


def find(pool: Pool, connections: Iterable[Connection]) -> list[Overlap]:
    """Those of a pool, saved or not, that takes jobs of these. One query, also where `connections` is one."""
    if pool.closing_at:
        return []
    by_labels = [name for name, kind in registry.KINDS.items() if not kind.jobs.binds_runners]
    through = Pool.connections.through.objects.filter(
        connection__in=connections, connection__forge__in=by_labels
    ).values("pool")
    others = Pool.objects.filter(team=pool.team_id, pk__in=through, closing_at=None, closed_at=None)
    found = [_overlap(pool, other) for other in others.exclude(pk=pool.pk).order_by("position", "pk")]
    return [overlap for overlap in found if overlap.differences and (overlap.lends or overlap.borrows)]


def _overlap(pool: Pool, other: Pool) -> Overlap:
    own, others = ({label.lower() for label in one.anchors} for one in (pool, other))
    return Overlap(other, lends=others <= own, borrows=own <= others, differences=_differences(pool, other))


def _differences(pool: Pool, other: Pool) -> tuple[Difference, ...]:
    values: dict[Difference, Callable[[Pool], object]] = {
        Difference.NODES: _nodes,
        Difference.MAX_PRICE: lambda one: (one.nodes.get("rule") or {}).get("max_price"),
        Difference.PROTECTION: lambda one: one.protection,
    }
    return tuple(kind for kind, value in values.items() if value(pool) != value(other))


def _nodes(pool: Pool) -> list[object]:
    rule = pool.nodes.get("rule") or {}
    named = [sorted(pool.nodes.get(key) or []) for key in ("ids", "farms", "countries", "regions")]
    return [*named, *(rule.get(key) for key in LIMITS)]
