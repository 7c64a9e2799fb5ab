"""Mirror the grid's nodes, find some, and keep our own record of each."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from operator import attrgetter

from django.db import transaction
from django.db.models import F, Q, QuerySet

from tfci.core.reasons import Reason, columns
from tfci.grid.models import Farm, Node, NodeChange
from tfci.grid.ports import FarmSeen, NodeSeen

Kind = NodeChange.Kind
RECORD = 20  # how many durations a node's record keeps
FIRST_BLOCK = timedelta(minutes=2)
LONGEST_BLOCK = timedelta(hours=6)
KEEP_CHANGES = timedelta(days=7)  # how long changes are shown
MIRRORED = [name for name in NodeSeen.__dataclass_fields__ if name not in ("node_id", "farm_id", "farm_name")]
VALUES = attrgetter(*MIRRORED)
BATCH = 500


@transaction.atomic
def mirror(network: str, farms: Iterable[FarmSeen], nodes: Iterable[NodeSeen], now: datetime) -> int:
    """Write what the grid shows over our rows, and what changed by that. A node that it no longer shows has left,
    and is down. Returns how many were seen."""
    seen = list(nodes)
    known, before = _mirror_farms(network, farms, seen), _before(network)
    changed = [node for node in seen if not _is_known(node, before.get(node.node_id), known)]
    changed_ids = {node.node_id for node in changed}
    as_before = [node.node_id for node in seen if node.node_id not in changed_ids]
    Node.objects.filter(network=network, node_id__in=as_before).update(seen_at=now)
    _write(network, changed, known, now)
    gone = Node.objects.filter(network=network, seen_at__lt=now, left_at=None)
    NodeChange.objects.bulk_create(
        [
            *_changes(before, seen, now),
            *(_change(pk, Kind.LEFT, now) for pk in gone.values_list("pk", flat=True)),
        ]
    )
    gone.update(up=False, healthy=False, left_at=now)
    NodeChange.objects.filter(at__lt=now - KEEP_CHANGES).delete()
    return len(seen)


@dataclass(frozen=True, slots=True)
class KnownNode:
    """A row before this reading. `facts`: its farm, when it left, and what is MIRRORED."""

    pk: int
    usable: bool
    price: float | None
    facts: tuple[object, ...]


def _before(network: str) -> dict[int, KnownNode]:
    """By the grid's number of the node."""
    columns = ["node_id", "pk", "up", "healthy", "price_usd", "farm_id", "left_at", *MIRRORED]
    rows = Node.objects.filter(network=network).values_list(*columns)
    return {
        node_id: KnownNode(pk, up and healthy, price, tuple(map(_hashable, facts)))
        for node_id, pk, up, healthy, price, *facts in rows.iterator()
    }


def _is_known(node: NodeSeen, was: KnownNode | None, farms: dict[int, int]) -> bool:
    """Whether its row has all that the grid shows of it."""
    return was is not None and was.facts == (farms[node.farm_id], None, *map(_hashable, VALUES(node)))


def _hashable(value: object) -> object:
    """A list as the tuple that was stored."""
    return tuple(value) if isinstance(value, list) else value


def _write(network: str, seen: Iterable[NodeSeen], farms: dict[int, int], now: datetime) -> None:
    """New nodes, and changed ones: most have not changed."""
    rows = [
        Node(
            network=network,
            node_id=node.node_id,
            farm_id=farms[node.farm_id],
            seen_at=now,
            **{name: getattr(node, name) for name in MIRRORED},
        )
        for node in seen
    ]
    Node.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["network", "node_id"],
        update_fields=["farm_id", "seen_at", "left_at", *MIRRORED],
    )


def _changes(before: dict[int, KnownNode], seen: list[NodeSeen], now: datetime) -> Iterator[NodeChange]:
    """Changes of nodes that were known before. Up means healthy too, since the grid shows nodes as up long after their
    last answer."""
    for node in seen:
        if node.node_id not in before:
            continue
        was, usable = before[node.node_id], node.up and node.healthy
        if usable != was.usable:
            yield _change(was.pk, Kind.CAME_UP if usable else Kind.WENT_DOWN, now)
        if None not in (was.price, node.price_usd) and was.price != node.price_usd:
            yield _change(was.pk, Kind.PRICE, now, was=was.price, price=node.price_usd)


def _change(
    pk: int, kind: str, at: datetime, was: float | None = None, price: float | None = None
) -> NodeChange:
    return NodeChange(node_id=pk, kind=kind, at=at, was=was, now=price)


def changes(network: str) -> QuerySet[NodeChange]:
    """Recent changes of the grid's nodes, the newest first."""
    return (
        NodeChange.objects.filter(node__network=network).select_related("node__farm").order_by("-at", "-pk")
    )


def _mirror_farms(network: str, farms: Iterable[FarmSeen], nodes: list[NodeSeen]) -> dict[int, int]:
    """Farm id -> row id, also for a farm that only a node names (the two lists may shift between two calls)."""
    named = {node.farm_id: FarmSeen(node.farm_id, node.farm_name) for node in nodes}
    named |= {farm.farm_id: farm for farm in farms}
    Farm.objects.bulk_create(
        [Farm(network=network, **asdict(farm)) for farm in named.values()],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["network", "farm_id"],
        update_fields=["name", "certified", "dedicated"],
    )
    return dict(Farm.objects.filter(network=network).values_list("farm_id", "pk"))


def fits(cpu: int, memory_gb: int, disk_gb: int, now: datetime) -> Q:
    """Of a node: whether a VM of that size can start there now, by the grid's facts and our record."""
    in_play = Q(up=True, healthy=True, dedicated=False, rented=False, opted_out_at=None)
    rested = Q(blocked_until=None) | Q(blocked_until__lte=now)
    return in_play & rested & Q(total_cru__gte=cpu, free_mru__gte=1024 * memory_gb, free_sru__gte=disk_gb)


def fitting(network: str, cpu: int, memory_gb: int, disk_gb: int, now: datetime) -> QuerySet[Node]:
    """The nodes of a grid that a VM of that size fits now."""
    return Node.objects.filter(fits(cpu, memory_gb, disk_gb, now), network=network)


def record_success(
    node_id: int, *, sent_at: datetime | None = None, deploy_ms: int | None = None, boot_ms: int | None = None
) -> None:
    """A VM that was sent there at `sent_at` came up: clear the failures before that, and store how long it took.
    Later failures stay."""
    node = Node.objects.get(pk=node_id)
    failed_since = sent_at and node.last_failure_at and node.last_failure_at >= sent_at
    changes: dict[str, object] = {} if failed_since else {"failures_in_a_row": 0, "blocked_until": None}
    if deploy_ms is not None:
        changes |= {"deploys": F("deploys") + 1, "deploy_ms": [*node.deploy_ms, deploy_ms][-RECORD:]}
    if boot_ms is not None:
        changes["boot_ms"] = [*node.boot_ms, boot_ms][-RECORD:]
    if changes:
        Node.objects.filter(pk=node_id).update(**changes)


def record_failure(node_id: int, reason: Reason, now: datetime) -> None:
    """A VM did not come up there, or was lost: block the node for a while, twice as long each time in a row. Several
    VMs at once count as one failure in that row, and as several in the record."""
    node = Node.objects.get(pk=node_id)
    changes = {"failures": F("failures") + 1, "last_failure_at": now, **columns(reason, "last_failure")}
    if not node.blocked_until or node.blocked_until <= now:
        block = min(FIRST_BLOCK * 2 ** min(node.failures_in_a_row, 10), LONGEST_BLOCK)
        changes |= {"failures_in_a_row": F("failures_in_a_row") + 1, "blocked_until": now + block}
    Node.objects.filter(pk=node_id).update(**changes)


def record_steal(node_id: int, steal: int, now: datetime) -> None:
    """Store the CPU steal of our VMs there, in thousandths."""
    Node.objects.filter(pk=node_id).update(steal=min(steal, 1000), steal_at=now)


def mark_opted_out(node_id: int, now: datetime) -> None:
    """Its farmer has taken it off this chain for good: nothing is placed there any more."""
    Node.objects.filter(pk=node_id, opted_out_at=None).update(opted_out_at=now)
