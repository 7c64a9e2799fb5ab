"""A batch of wanted VMs, their pools' choice of nodes, and the nodes -> a node for each, or why none. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush

from tfci.grid.ports import Within
from tfci.tft import Tft

NOT_CHOSEN = "not among the nodes that the pool chose"
CROWDED = 100  # thousandths of our machines' processors that others take, from which on a node comes last
CROWDED_FOR = timedelta(minutes=30)  # after it was seen
DRAINED = "drained: the team lets no machine start there"


@dataclass(frozen=True, slots=True)
class Choice:
    """Which nodes a pool may use, and how: those named by any of the four lists (all, where all are empty) that also
    keep the rule, whose keys are certified, min_success_percent, max_price (TFT an hour, as text) and pack.
    `least_nodes`: over how many its machines are spread at least, as soon as it has so many. `drained`: row ids of
    nodes that its team empties, whatever the pool chose."""

    ids: frozenset[int] = frozenset()
    farms: frozenset[int] = frozenset()
    countries: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    rule: Mapping[str, object] = field(default_factory=dict)
    least_nodes: int = 1
    drained: frozenset[int] = frozenset()

    @classmethod
    def read(cls, nodes: Mapping, least_nodes: int = 1, drained: frozenset[int] = frozenset()) -> "Choice":
        """From a pool's `nodes` column; countries and regions in any case."""
        return cls(
            ids=frozenset(nodes.get("ids", ())),
            farms=frozenset(nodes.get("farms", ())),
            countries=frozenset(name.lower() for name in nodes.get("countries", ())),
            regions=frozenset(name.lower() for name in nodes.get("regions", ())),
            rule=nodes.get("rule") or {},
            least_nodes=least_nodes,
            drained=drained,
        )

    def packs(self, on: int) -> bool:
        """Whether the next machine goes where most are already, once it has machines on so many nodes."""
        return bool(self.rule.get("pack")) and on >= self.least_nodes

    @property
    def within(self) -> Within | None:
        """The whole choice as a grid takes it that chooses nodes by itself; None where it asks for more than that."""
        asked = {name for name, value in self.rule.items() if value}
        named = self.ids or self.farms or self.countries or self.drained or len(self.regions) > 1
        if named or self.least_nodes > 1 or asked - {"certified"}:
            return None
        return Within(next(iter(self.regions), ""), "certified" in asked)

    @property
    def most_an_hour(self) -> Tft | None:
        """What one machine may cost."""
        told = self.rule.get("max_price")
        return Tft.parse(str(told)) if told else None


@dataclass(frozen=True, slots=True)
class Node:
    """Memory in MiB, disk in GiB. `id` is our row's, `node_id` the grid's."""

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


@dataclass(frozen=True, slots=True)
class Wish:
    """One VM to place. `pool_id`: whose choice it follows, a pool's row id or the word for a server. `failed` are grid
    ids of nodes that refused this very VM. `an_hour`: what it costs by whether the node is certified; {} where no price
    was read."""

    vm_id: int
    pool_id: int | str | None
    cpu: int
    memory_gb: int
    disk_gb: int
    failed: frozenset[int] = frozenset()
    an_hour: Mapping[bool, Tft] = field(default_factory=dict, hash=False, compare=False)


@dataclass(slots=True)
class Placed:
    on: dict[int, Node] = field(default_factory=dict)  # by vm id
    why_not: dict[int, str] = field(default_factory=dict)


@dataclass(slots=True)
class Free:
    """What a node has left, as this batch takes it: MiB and GiB."""

    memory: int
    disk: int

    def take(self, wish: Wish) -> None:
        self.memory -= wish.memory_gb * 1024
        self.disk -= wish.disk_gb


def place(
    wishes: Iterable[Wish],
    choices: Mapping[int | str | None, Choice],
    nodes: Sequence[Node],
    here: Mapping[int | str | None, Iterable[int]],
    now: datetime,
) -> Placed:
    """Each VM on the node of its pool's choice that carries fewest of the pool's machines, or most where the pool packs
    them; the better record first. Capacity is taken as it goes. `here`: node row ids of each pool's machines, one
    entry a machine."""
    placed, free = Placed(), {node.id: Free(node.free_mru, node.free_sru) for node in nodes}
    queues = {pool: _Queue(choice, nodes, here.get(pool, ()), now) for pool, choice in choices.items()}
    for wish in wishes:
        queue = queues[wish.pool_id]
        if node := queue.take(wish, free):
            free[node.id].take(wish)
            placed.on[wish.vm_id] = node
        else:
            placed.why_not[wish.vm_id] = queue.why_none(wish, free)
    return placed


def why_out(node: Node, choice: Choice, now: datetime, an_hour: Mapping[bool, Tft] | None = None) -> str:
    """Why a node is not in play for a pool, or for a machine that costs so much there; "" where it is."""
    if not _named(node, choice):
        return NOT_CHOSEN
    if node.id in choice.drained:
        return DRAINED
    if choice.rule.get("certified") and not node.certified:
        return "not certified"
    if _success(node) < choice.rule.get("min_success_percent", 0):
        return f"only {_success(node)} % of our machines came up on it"
    if dear := _too_dear(node, an_hour or {}, choice.most_an_hour):
        return dear
    if node.dedicated:
        return "dedicated: it is rented as a whole or not at all"
    if not node.up or not node.healthy:
        return "down" if not node.up else "up, but not healthy"
    if node.blocked_until and node.blocked_until > now:
        return "set aside for a while after a failure"
    return ""


def _too_dear(node: Node, an_hour: Mapping[bool, Tft], most: Tft | None) -> str:
    cost = an_hour.get(node.certified)
    return f"dearer than {most} TFT an hour" if most and cost and cost > most else ""


def crowded(node: Node, now: datetime) -> bool:
    """Whether others took much of our machines' processors there of late: such a node is asked after all others."""
    return bool(node.steal_at and (node.steal or 0) >= CROWDED and now - node.steal_at < CROWDED_FOR)


def rank(node: Node, machines: int, now: datetime, *, packs: bool = False) -> tuple:
    """The lower, the sooner it is taken by a pool that has so many machines on it."""
    spread = -machines if packs else machines
    return (crowded(node, now), spread, 100 - _success(node), node.certified, -node.free_mru, node.id)


def _named(node: Node, choice: Choice) -> bool:
    if not (choice.ids or choice.farms or choice.countries or choice.regions):
        return True
    return (
        node.node_id in choice.ids
        or node.farm_id in choice.farms
        or node.country.lower() in choice.countries
        or node.region.lower() in choice.regions
    )


def _success(node: Node) -> int:
    """Percent of our machines that came up there; 100 where none was tried."""
    tried = node.deploys + node.failures
    return 100 * node.deploys // tried if tried else 100


def _unfit(node: Node, wish: Wish, free: Free) -> str:
    if node.total_cru < wish.cpu:
        return f"fewer than {wish.cpu} processors"
    if free.memory < wish.memory_gb * 1024:
        return f"less than {wish.memory_gb} GB of memory free"
    if free.disk < wish.disk_gb:
        return f"less than {wish.disk_gb} GB of disk free"
    return ""


class _Queue:
    """A pool's nodes in play, for each size the one to take next first: fewest of the pool's machines, so that it
    spreads, or most, where it packs and is on as many nodes as it must. Capacity only shrinks, so a node that is too
    full for a size leaves that size's heap for good."""

    def __init__(self, choice: Choice, nodes: Sequence[Node], here: Iterable[int], now: datetime) -> None:
        self.choice, self.most, self.machines = choice, choice.most_an_hour, Counter(here)
        self.now = now
        why = [why_out(node, choice, now) for node in nodes]
        self.out = Counter(reason for reason in why if reason not in ("", NOT_CHOSEN))
        self.nodes = [node for node, reason in zip(nodes, why, strict=True) if not reason]
        self.heaps: dict[tuple, list[tuple]] = {}
        self.none: dict[tuple, str] = {}

    def _entry(self, node: Node, *, packs: bool) -> tuple:
        count = self.machines[node.id]
        return (*rank(node, count, self.now, packs=packs), count, node)

    def _heap(self, wish: Wish, *, packs: bool) -> list[tuple]:
        key = (_size(wish), packs)
        if key not in self.heaps:
            self.heaps[key] = self._whole(packs=packs).copy()
        return self.heaps[key]

    def _whole(self, *, packs: bool) -> list[tuple]:
        """What none is taken from: each size starts with a copy of it, which is quicker than ranking all anew."""
        key = (None, packs)
        if key not in self.heaps:
            self.heaps[key] = [self._entry(node, packs=packs) for node in self.nodes]
            heapify(self.heaps[key])
        return self.heaps[key]

    def take(self, wish: Wish, free: Mapping[int, Free]) -> Node | None:
        """The first that fits and did not refuse this VM, with one more machine on it; None where none does."""
        packs = self.choice.packs(len(self.machines))
        heap, passed, found = self._heap(wish, packs=packs), [], None
        while heap and found is None:
            entry = heappop(heap)
            count, node = entry[-2:]
            if count != self.machines[node.id] or self._unfit(node, wish, free[node.id]):
                continue  # a newer entry of it is in the heap, or it has no place there any more
            if node.node_id in wish.failed:
                passed.append(entry)
            else:
                found = node
        for entry in passed:
            heappush(heap, entry)
        if found:
            self._carry(found)
        return found

    def _carry(self, node: Node) -> None:
        """One machine more on it, which each heap learns."""
        self.machines[node.id] += 1
        for (_, packs), heap in self.heaps.items():
            heappush(heap, self._entry(node, packs=packs))

    def _unfit(self, node: Node, wish: Wish, free: Free) -> str:
        return _unfit(node, wish, free) or _too_dear(node, wish.an_hour, self.most)

    def why_none(self, wish: Wish, free: Mapping[int, Free]) -> str:
        """The reasons, most common first, with how many nodes each holds back. Counted once for equal wishes."""
        equal = (*_size(wish), wish.failed)
        if equal not in self.none:
            self.none[equal] = self._count_reasons(wish, free)
        return self.none[equal]

    def _count_reasons(self, wish: Wish, free: Mapping[int, Free]) -> str:
        reasons = self.out + Counter(
            self._unfit(node, wish, free[node.id]) or "refused this machine" for node in self.nodes
        )
        if not reasons:
            return "the choice names no node of this grid"
        counted = "; ".join(f"{count} {why}" for why, count in reasons.most_common(4))
        return f"no node of the {reasons.total()} chosen can take it: {counted}"


def _size(wish: Wish) -> tuple:
    return (wish.cpu, wish.memory_gb, wish.disk_gb)
