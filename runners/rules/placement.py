"""A batch of wanted VMs, their pools' choice of nodes, and the nodes -> a node for each, or why none. Pure."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from heapq import heapify, heappop, heappush

NOT_CHOSEN = "not among the nodes that the pool chose"
RULES = ("certified", "min_success_percent")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which nodes a pool may use: those named by any of the four lists (all, where all are empty) that also
    keep the rule, whose keys are RULES."""

    ids: frozenset[int] = frozenset()
    farms: frozenset[int] = frozenset()
    countries: frozenset[str] = frozenset()
    regions: frozenset[str] = frozenset()
    rule: Mapping[str, object] = field(default_factory=dict)

    @classmethod
    def read(cls, nodes: Mapping) -> "Choice":
        """From a pool's `nodes` column; countries and regions in any case."""
        return cls(
            ids=frozenset(nodes.get("ids", ())),
            farms=frozenset(nodes.get("farms", ())),
            countries=frozenset(name.lower() for name in nodes.get("countries", ())),
            regions=frozenset(name.lower() for name in nodes.get("regions", ())),
            rule=nodes.get("rule") or {},
        )


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


@dataclass(frozen=True, slots=True)
class Wish:
    """One VM to place. `failed` are grid ids of nodes that refused this very VM."""

    vm_id: int
    pool_id: int | None
    cpu: int
    memory_gb: int
    disk_gb: int
    failed: frozenset[int] = frozenset()


@dataclass(slots=True)
class Placed:
    on: dict[int, Node] = field(default_factory=dict)  # by vm id
    why_not: dict[int, str] = field(default_factory=dict)


def place(
    wishes: Iterable[Wish],
    choices: Mapping[int | None, Choice],
    nodes: Sequence[Node],
    here: Mapping[int | None, Iterable[int]],
    now: datetime,
) -> Placed:
    """Each VM on the node of its pool's choice that carries fewest of the pool's machines, the better record
    first. Capacity is taken as it goes. `here`: node row ids of each pool's machines, one entry a machine."""
    placed, memory, disk = Placed(), _free("free_mru", nodes), _free("free_sru", nodes)
    queues = {pool: _Queue(choice, nodes, here.get(pool, ()), now) for pool, choice in choices.items()}
    for wish in wishes:
        queue = queues[wish.pool_id]
        node = queue.take(lambda node, wish=wish: not _unfit(node, wish, memory[node.id], disk[node.id]))
        if node is None:
            placed.why_not[wish.vm_id] = _why_none(queue, wish, memory, disk)
            continue
        placed.on[wish.vm_id] = node
        memory[node.id] -= wish.memory_gb * 1024
        disk[node.id] -= wish.disk_gb
    return placed


def why_out(node: Node, choice: Choice, now: datetime) -> str:
    """Why a node is not in play for a pool; "" where it is."""
    if not _named(node, choice):
        return NOT_CHOSEN
    if choice.rule.get("certified") and not node.certified:
        return "not certified"
    if _success(node) < choice.rule.get("min_success_percent", 0):
        return f"only {_success(node)} % of our machines came up on it"
    if node.dedicated:
        return "dedicated: it is rented as a whole or not at all"
    if not node.up or not node.healthy:
        return "down" if not node.up else "up, but not healthy"
    if node.blocked_until and node.blocked_until > now:
        return "set aside for a while after a failure"
    return ""


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


def _unfit(node: Node, wish: Wish, memory: int, disk: int) -> str:
    if node.node_id in wish.failed:
        return "refused this machine"
    if node.total_cru < wish.cpu:
        return f"fewer than {wish.cpu} processors"
    if memory < wish.memory_gb * 1024:
        return f"less than {wish.memory_gb} GB of memory free"
    if disk < wish.disk_gb:
        return f"less than {wish.disk_gb} GB of disk free"
    return ""


class _Queue:
    """A pool's nodes in play, the one to take next first: fewest of its machines, so that it spreads."""

    def __init__(self, choice: Choice, nodes: Sequence[Node], here: Iterable[int], now: datetime) -> None:
        self.machines = Counter(here)
        why = {node: why_out(node, choice, now) for node in nodes}
        self.out = Counter(filter(None, why.values()))
        self.nodes = [node for node in nodes if not why[node]]
        self.heap = [self._entry(node) for node in self.nodes]
        heapify(self.heap)

    def _entry(self, node: Node) -> tuple:
        return (self.machines[node.id], 100 - _success(node), node.certified, -node.free_mru, node.id, node)

    def take(self, fits) -> Node | None:
        """The first that fits, with one more machine on it; None where none does."""
        passed, found = [], None
        while self.heap and found is None:
            entry = heappop(self.heap)
            if fits(entry[-1]):
                found = entry[-1]
            else:
                passed.append(entry)
        for entry in passed:
            heappush(self.heap, entry)
        if found:
            self.machines[found.id] += 1
            heappush(self.heap, self._entry(found))
        return found


def _free(column: str, nodes: Sequence[Node]) -> dict[int, int]:
    return defaultdict(int, {node.id: getattr(node, column) for node in nodes})


def _why_none(queue: _Queue, wish: Wish, memory: Mapping[int, int], disk: Mapping[int, int]) -> str:
    """The reasons, most common first, with how many nodes each holds back."""
    reasons = Counter({why: count for why, count in queue.out.items() if why != NOT_CHOSEN})
    reasons += Counter(_unfit(node, wish, memory[node.id], disk[node.id]) for node in queue.nodes)
    if not reasons:
        return "the pool's choice names no node of this grid"
    counted = "; ".join(f"{count} {why}" for why, count in reasons.most_common(4))
    return f"no node of the {sum(reasons.values())} chosen can take it: {counted}"
