"""A batch of wanted VMs, their pools' choice of nodes, and the nodes -> a node for each, or why none. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush
from typing import Any

from runners.jobs.labels import Size
from runners.reasons import nodes as node_reasons
from runners.reasons.nodes import NodeCode, NodeReason
from runners.reasons.waits import NoNodeChosen, NoNodeFits, NoNodeNow, NoNodesRead, TooDear, WaitReason
from tfci.core.optional import present
from tfci.core.tft import Tft
from tfci.grid.ports import Within

CROWDED = 100  # thousandths of our VMs' processors that others take, from which on a node comes last
CROWDED_FOR = timedelta(minutes=30)  # after it was seen

Chooser = (
    int | str | None
)  # whose choice of nodes counts: a pool's row id, "server " and a server's, or nobody's


@dataclass(frozen=True, slots=True)
class Choice:
    """Which nodes a pool may use, and how: those named by any of the four lists (all, where all are empty) that also
    keep the rule, whose keys are certified, min_success_percent, max_price (TFT an hour, as text) and pack.
    `min_nodes`: over how many its VMs are spread at least, as soon as it has so many. `drained`: row ids of
    nodes that its team empties, whatever the pool chose."""

    ids: frozenset[int] = frozenset()
    farms: frozenset[int] = frozenset()
    countries: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    rule: Mapping[str, Any] = field(default_factory=dict)
    min_nodes: int = 1
    drained: frozenset[int] = frozenset()

    @classmethod
    def read(
        cls, nodes: Mapping[str, Any], min_nodes: int = 1, drained: frozenset[int] = frozenset()
    ) -> "Choice":
        """From a pool's `nodes` column; countries and regions in any case."""
        return cls(
            ids=frozenset(nodes.get("ids", ())),
            farms=frozenset(nodes.get("farms", ())),
            countries=frozenset(name.lower() for name in nodes.get("countries", ())),
            regions=frozenset(name.lower() for name in nodes.get("regions", ())),
            rule=nodes.get("rule") or {},
            min_nodes=min_nodes,
            drained=drained,
        )

    def packs(self, on: int) -> bool:
        """Whether the next VM goes where most are already, once it has VMs on so many nodes."""
        return bool(self.rule.get("pack")) and on >= self.min_nodes

    @property
    def within(self) -> Within | None:
        """The whole choice as a grid takes it that chooses nodes by itself; None where it asks for more than that."""
        required = {name for name, value in self.rule.items() if value}
        named = self.ids or self.farms or self.countries or self.drained or len(self.regions) > 1
        if named or self.min_nodes > 1 or required - {"certified"}:
            return None
        return Within(next(iter(self.regions), ""), "certified" in required)

    @property
    def max_price(self) -> Tft | None:
        """What one VM may cost."""
        limit = self.rule.get("max_price")
        return Tft.parse(str(limit)) if limit else None


@dataclass(frozen=True, slots=True)
class NodeCapacity:
    """Memory in MiB, disk in GiB. `id` is our row's, `node_id` the grid's. `total_mru` and `total_sru` are None where
    nobody read them."""

    id: int
    node_id: int
    farm_id: int
    country: str
    region: str
    up: bool
    healthy: bool
    certified: bool
    dedicated: bool
    total_cru: int
    free_mru: int
    free_sru: int
    deploys: int = 0
    failures: int = 0
    blocked_until: datetime | None = None
    steal: int | None = None
    steal_at: datetime | None = None
    total_mru: int | None = None
    total_sru: int | None = None
    rented: bool = False
    opted_out_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class VmRequest:
    """One VM to place. `chooser`: whose choice it follows, a pool's row id, or "server " and a server's. Its
    `hourly_prices` depend on whether the node is certified; {} where no price was read."""

    vm_id: int
    chooser: Chooser
    cpu: int
    memory_gb: int
    disk_gb: int
    hourly_prices: Mapping[bool, Tft] = field(default_factory=dict, hash=False, compare=False)


@dataclass(slots=True)
class Placed:
    on: dict[int, NodeCapacity] = field(default_factory=dict)  # by vm id
    reasons: dict[int, WaitReason] = field(default_factory=dict)


@dataclass(slots=True)
class Free:
    """What a node has left, as this batch takes it: MiB and GiB."""

    memory: int
    disk: int

    def take(self, request: VmRequest) -> None:
        self.memory -= request.memory_gb * 1024
        self.disk -= request.disk_gb


class Placer:
    """Places one VM after the other: each on the node of its choice that carries fewest of the chooser's VMs, or most
    where it packs them; the better record first. Capacity is taken as it goes. `occupied`: node row ids of each
    chooser's VMs, one entry a VM."""

    def __init__(
        self,
        choices: Mapping[Chooser, Choice],
        nodes: Sequence[NodeCapacity],
        occupied: Mapping[Chooser, Iterable[int]],
        now: datetime,
    ) -> None:
        self.nodes = {node.id: node for node in nodes}
        self.free = {node.id: Free(node.free_mru, node.free_sru) for node in nodes}
        self.queues = {
            key: _Queue(choice, nodes, occupied.get(key, ()), now) for key, choice in choices.items()
        }

    def find(self, request: VmRequest) -> NodeCapacity | WaitReason:
        """The node that it would get, or why there is none."""
        queue = self.queues[request.chooser]
        return queue.first(request, self.free) or queue.reason(request, self.free)

    def after(self, request: VmRequest, node_id: int, memory_gb: int, disk_gb: int) -> NodeCapacity | None:
        """That node where the request would fit there once so much more is free; else None."""
        node, queue = self.nodes.get(node_id), self.queues[request.chooser]
        if node is None or exclusion_reason(node, queue.choice, queue.now):
            return None
        free = Free(self.free[node_id].memory + 1024 * memory_gb, self.free[node_id].disk + disk_gb)
        return None if queue.unfit(node, request, free) else node

    def take(self, request: VmRequest) -> NodeCapacity | WaitReason:
        """The same, and the node carries it from here on."""
        found = self.find(request)
        if isinstance(found, NodeCapacity):
            self.free[found.id].take(request)
            self.queues[request.chooser].carry(found)
        return found


def place(
    requests: Iterable[VmRequest],
    choices: Mapping[Chooser, Choice],
    nodes: Sequence[NodeCapacity],
    occupied: Mapping[Chooser, Iterable[int]],
    now: datetime,
) -> Placed:
    """All of a batch, in its order."""
    placed, placer = Placed(), Placer(choices, nodes, occupied, now)
    for request in requests:
        found = placer.take(request)
        if isinstance(found, NodeCapacity):
            placed.on[request.vm_id] = found
        else:
            placed.reasons[request.vm_id] = found
    return placed


def exclusion_reason(
    node: NodeCapacity, choice: Choice, now: datetime, hourly_prices: Mapping[bool, Tft] | None = None
) -> NodeReason | None:
    """Why a node is not in play for a pool, or for a VM that costs so much there; None where it is."""
    if not _named(node, choice):
        return node_reasons.NotChosen()
    if node.id in choice.drained:
        return node_reasons.Drained()
    return (
        _unfit_kind(node, choice)
        or _too_dear(node, hourly_prices or {}, choice.max_price)
        or _not_now(node, choice, now)
    )


def _unfit_kind(node: NodeCapacity, choice: Choice) -> NodeReason | None:
    """What it is and stays, whatever is placed there."""
    if choice.rule.get("certified") and not node.certified:
        return node_reasons.NotCertified()
    if node.dedicated:
        return node_reasons.Dedicated()
    return node_reasons.OptedOut() if node.opted_out_at else None


def too_small(node: NodeCapacity, size: Size | VmRequest) -> NodeReason | None:
    """Why a VM of that size can never be there, even with the node to itself; None where it can."""
    if node.total_cru < size.cpu:
        return node_reasons.TooFewCpus(size.cpu)
    if node.total_mru is not None and node.total_mru < size.memory_gb * 1024:
        return node_reasons.TooLittleMemory(size.memory_gb)
    if node.total_sru is not None and node.total_sru < size.disk_gb:
        return node_reasons.TooLittleDisk(size.disk_gb)
    return None


def _too_dear(node: NodeCapacity, hourly_prices: Mapping[bool, Tft], limit: Tft | None) -> NodeReason | None:
    cost = hourly_prices.get(node.certified)
    return node_reasons.NodeTooDear(int(limit)) if limit and cost and cost > limit else None


def _not_now(node: NodeCapacity, choice: Choice, now: datetime) -> NodeReason | None:
    """What may change by itself."""
    if _success(node) < choice.rule.get("min_success_percent", 0):
        return node_reasons.LowSuccess(_success(node))
    if node.rented:
        return node_reasons.Rented()
    if not node.up or not node.healthy:
        return node_reasons.Unhealthy() if node.up else node_reasons.Down()
    if node.blocked_until and node.blocked_until > now:
        return node_reasons.SetAside()
    return None


def crowded(node: NodeCapacity, now: datetime) -> bool:
    """Whether others took much of our VMs' processors there of late: such a node is asked after all others."""
    return bool(node.steal_at and (node.steal or 0) >= CROWDED and now - node.steal_at < CROWDED_FOR)


def rank(node: NodeCapacity, vms: int, now: datetime, *, packs: bool = False) -> tuple[Any, ...]:
    """The lower, the sooner it is taken by a pool that has so many VMs on it."""
    spread = -vms if packs else vms
    return (crowded(node, now), spread, 100 - _success(node), node.certified, -node.free_mru, node.id)


def _named(node: NodeCapacity, choice: Choice) -> bool:
    if not (choice.ids or choice.farms or choice.countries or choice.regions):
        return True
    return (
        node.node_id in choice.ids
        or node.farm_id in choice.farms
        or node.country.lower() in choice.countries
        or node.region.lower() in choice.regions
    )


def _success(node: NodeCapacity) -> int:
    """Percent of our VMs that came up there; 100 where none was tried."""
    tried = node.deploys + node.failures
    return 100 * node.deploys // tried if tried else 100


def _no_room(request: VmRequest, free: Free) -> NodeReason | None:
    if free.memory < request.memory_gb * 1024:
        return node_reasons.MemoryInUse(request.memory_gb)
    if free.disk < request.disk_gb:
        return node_reasons.DiskInUse(request.disk_gb)
    return None


class _Queue:
    """A chooser's nodes in play, for each size the one to take next first: fewest of the chooser's VMs, so that it
    spreads, or most, where it packs and is on as many nodes as it must. Capacity only shrinks, so a node that is too
    full for a size leaves that size's heap for good."""

    def __init__(
        self, choice: Choice, nodes: Sequence[NodeCapacity], occupied: Iterable[int], now: datetime
    ) -> None:
        self.choice, self.max_price, self.vms = choice, choice.max_price, Counter(occupied)
        self.now, self.all = now, nodes
        self.nodes = [node for node in nodes if exclusion_reason(node, choice, now) is None]
        self.heaps: dict[tuple[Any, ...], list[tuple[Any, ...]]] = {}
        self.none: dict[tuple[Any, ...], WaitReason] = {}

    def _entry(self, node: NodeCapacity, *, packs: bool) -> tuple[Any, ...]:
        count = self.vms[node.id]
        return (*rank(node, count, self.now, packs=packs), count, node)

    def _heap(self, request: VmRequest, *, packs: bool) -> list[tuple[Any, ...]]:
        key = (_size(request), packs)
        if key not in self.heaps:
            self.heaps[key] = self._whole(packs=packs).copy()
        return self.heaps[key]

    def _whole(self, *, packs: bool) -> list[tuple[Any, ...]]:
        """What none is taken from: each size starts with a copy of it, which is quicker than ranking all again."""
        key = (None, packs)
        if key not in self.heaps:
            self.heaps[key] = [self._entry(node, packs=packs) for node in self.nodes]
            heapify(self.heaps[key])
        return self.heaps[key]

    def first(self, request: VmRequest, free: Mapping[int, Free]) -> NodeCapacity | None:
        """The first that fits; None where none does."""
        heap = self._heap(request, packs=self.choice.packs(len(self.vms)))
        while heap:
            count: int = heap[0][-2]
            node: NodeCapacity = heap[0][-1]
            if count == self.vms[node.id] and not self.unfit(node, request, free[node.id]):
                return node
            heappop(heap)  # a newer entry of it is in the heap, or it has no place there any more
        return None

    def carry(self, node: NodeCapacity) -> None:
        """One VM more on it, which each heap learns."""
        self.vms[node.id] += 1
        for (_, packs), heap in self.heaps.items():
            heappush(heap, self._entry(node, packs=packs))

    def unfit(self, node: NodeCapacity, request: VmRequest, free: Free) -> NodeReason | None:
        return (
            too_small(node, request)
            or _too_dear(node, request.hourly_prices, self.max_price)
            or _no_room(request, free)
        )

    def reason(self, request: VmRequest, free: Mapping[int, Free]) -> WaitReason:
        """Counted once for equal requests."""
        if _size(request) not in self.none:
            self.none[_size(request)] = self._reason(request, free)
        return self.none[_size(request)]

    def _reason(self, request: VmRequest, free: Mapping[int, Free]) -> WaitReason:
        if not self.all:
            return NoNodesRead()
        chosen = [node for node in self.all if _named(node, self.choice)]
        if not chosen:
            return NoNodeChosen()
        out = [(node, self._why(node, request, free[node.id])) for node in chosen]
        counts = Counter(reason for _, reason in out).most_common()
        counted = tuple((reason.code, reason.number, count) for reason, count in counts)
        if not all(reason.permanent for _, reason in out):
            return NoNodeNow(len(chosen), counted, self._retry(out))
        dear = [
            request.hourly_prices[node.certified] for node, reason in out if reason.code == NodeCode.TOO_DEAR
        ]
        return (
            TooDear(int(min(dear)), int(present(self.max_price)))
            if dear
            else NoNodeFits(len(chosen), counted)
        )

    def _why(self, node: NodeCapacity, request: VmRequest, free: Free) -> NodeReason:
        """What never changes comes first: it decides whether the job is refused or waits."""
        permanent = (
            _unfit_kind(node, self.choice)
            or too_small(node, request)
            or _too_dear(node, request.hourly_prices, self.max_price)
        )
        if permanent or node.id in self.choice.drained:
            return permanent or node_reasons.Drained()
        return _not_now(node, self.choice, self.now) or present(_no_room(request, free))

    def _retry(self, out: Iterable[tuple[NodeCapacity, NodeReason]]) -> str:
        pauses = [present(node.blocked_until) for node, reason in out if reason.code == NodeCode.SET_ASIDE]
        return min(pauses).isoformat() if pauses else ""


def _size(request: VmRequest) -> tuple[Any, ...]:
    return (request.cpu, request.memory_gb, request.disk_gb)
