"""What a wallet and the grid have for new VMs now: nodes with room, prices, the balance. Reads rows, changes none."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property

from django.db import connection as database
from django.db.models import Count, F, Q, Sum

from billing import quotes, wallets
from billing.budgets import Allowance, Shortage
from billing.spending.limit import LimitRoom
from runners.jobs.labels import Size
from runners.metering import charges, limit_usage
from runners.models import VM, Job, Pool, Server
from runners.reasons.waits import (
    Balance,
    GridRefused,
    NoAccount,
    NoPrices,
    OwnTwinShort,
    TeamPrice,
    TeamVms,
    WaitCode,
    WaitReason,
)
from runners.vms import placement
from runners.vms.placement import Chooser
from runners.vms.sites import Budget, VmSite
from tfci.core.optional import present
from tfci.core.tft import Tft
from tfci.grid import drains, registry
from tfci.grid.models import Node

LOCK = 0x6661726D  # the namespace of this file's advisory locks
CLAIMS = 20  # teams that others leave their turn to where nodes are short


def chooser(vm: VM) -> Chooser:
    """Whose choice of nodes counts for it: its pool's, or that of the server whose VM it is."""
    return vm.pool_id or f"server {vm.server_id}"


def lock(wallet_id: int) -> None:
    """Until the transaction ends nobody else decides over this wallet. A second caller waits: it may know of changes
    that the first did not see."""
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, wallet_id])


def refusal(vm: VM, now: datetime) -> GridRefused | None:
    """Why the grid refused a VM that is not placed, while it is not asked again."""
    if vm.retry_at is None or vm.retry_at <= now:
        return None
    return GridRefused(str(vm.typed_refusal), vm.retry_at.isoformat())


class TeamSupply:
    """For the pools and servers of one team (sites.Supply). Nodes are read when the first is asked for."""

    def __init__(
        self, wallet: wallets.Wallet, choosers: Mapping[Chooser, Pool | Server], now: datetime
    ) -> None:
        self.wallet, self.choosers, self.now = wallet, choosers, now
        self.allowance = charges.allowance(wallet.pk, now)
        self.requests: dict[tuple[Chooser, str], placement.VmRequest] = {}

    @property
    def budget(self) -> Budget:
        has, caps = self.allowance.running, self.allowance.caps
        max_vms, max_per_hour = (caps.max_vms, caps.max_per_hour) if caps else (None, None)
        on_own_twin = self.allowance.own_twin is not None
        return Budget(
            self.allowance.left, has.vms, has.per_hour, max_vms, max_per_hour, self.limits, on_own_twin
        )

    @cached_property
    def limits(self) -> LimitRoom:
        """What the team's own spending limits leave."""
        return limit_usage.read(self.wallet.team_id, self.now).room

    def find(self, chooser: Chooser, size: str) -> VmSite | WaitReason:
        """Where a VM of that size would go, or why nowhere."""
        return self._site(chooser, size, take=False)

    def take(self, chooser: Chooser, size: str) -> VmSite | WaitReason:
        """The same, and its room is taken."""
        return self._site(chooser, size, take=True)

    def after(
        self, chooser: Chooser, size: str, node_id: int, freed: Iterable[str], promised: Iterable[str]
    ) -> VmSite | None:
        """The site on that node once VMs of the sizes in `freed` are gone from it and those in `promised` have come;
        None where it still has none."""
        if self._closed:
            return None
        gone, coming = [[Size.parse(text) for text in sizes] for sizes in (freed, promised)]
        memory = sum(one.memory_gb for one in gone) - sum(one.memory_gb for one in coming)
        disk = sum(one.disk_gb for one in gone) - sum(one.disk_gb for one in coming)
        request = self._request(chooser, size)
        found = self._placer.after(request, node_id, memory, disk)
        return VmSite(found, request.hourly_prices[found.certified]) if found else None

    def _site(self, chooser: Chooser, size: str, *, take: bool) -> VmSite | WaitReason:
        if self._closed:
            return self._closed
        request = self._request(chooser, size)
        found = self._placer.take(request) if take else self._placer.find(request)
        return (
            found if isinstance(found, WaitReason) else VmSite(found, request.hourly_prices[found.certified])
        )

    @cached_property
    def _closed(self) -> WaitReason | None:
        """Why nothing can be placed at all."""
        if not wallets.has_signer(self.wallet.pk):
            return NoAccount()
        return None if self.prices else NoPrices()

    @cached_property
    def prices(self) -> quotes.Reading | None:
        """What the team pays; None before the chain's prices are read."""
        return quotes.prices(registry.network(), self.wallet.team_id)

    def _request(self, chooser: Chooser, size: str) -> placement.VmRequest:
        key = (chooser, size)
        if key not in self.requests:
            self.requests[key] = request(chooser, Size.parse(size), self.prices)
        return self.requests[key]

    @cached_property
    def _placer(self) -> placement.Placer:
        """Behind the claims of teams that have fewer VMs."""
        claims = _claims(self.wallet.team_id, self.now)
        choosers: dict[Chooser, Pool | Server] = {claim.pool_id: present(claim.pool) for claim in claims}
        choosers.update(self.choosers)
        placer = placement.Placer(choices(choosers), nodes_now(), occupied(choosers), self.now)
        for claim in claims:
            placer.take(request(claim.pool_id, Size.parse(claim.size), self.prices))
        return placer


def lacking(allowance: Allowance, per_hour: Tft) -> WaitReason | None:
    """What one more VM of that price lacks of balance and limits."""
    has = allowance.running
    match allowance.shortage(per_hour):
        case Shortage.TEAM_VMS:
            return TeamVms(present(allowance.caps).max_vms)
        case Shortage.TEAM_PRICE:
            return TeamPrice(int(per_hour), int(has.per_hour), int(present(allowance.caps).max_per_hour))
        case Shortage.TFT:
            short = OwnTwinShort if allowance.own_twin else Balance
            return short(int(per_hour), int(per_hour - allowance.left))
        case _:
            return None


def request(chooser: Chooser, size: Size, prices: quotes.Reading | None) -> placement.VmRequest:
    """A VM of that size, with what it costs."""
    return placement.VmRequest(
        0, chooser, size.cpu, size.memory_gb, size.disk_gb, quotes.hourly_prices(size, prices)
    )


def choices(choosers: Mapping[Chooser, Pool | Server]) -> dict[Chooser, placement.Choice]:
    """Which nodes each may use now. One query."""
    drained = drains.nodes_by_team({one.team_id for one in choosers.values()})
    return {
        key: placement.Choice.read(one.nodes, one.min_distinct_nodes, drained[one.team_id])
        for key, one in choosers.items()
    }


def choice(pool: Pool) -> placement.Choice:
    """Which nodes a pool may use now. One query."""
    return choices({pool.pk: pool})[pool.pk]


def nodes_now() -> list[placement.NodeCapacity]:
    """As the rules see them, in one query of plain columns."""
    columns = [
        name if name != "farm_id" else "farm__farm_id" for name in placement.NodeCapacity.__dataclass_fields__
    ]
    rows = Node.objects.filter(network=registry.network()).values_list(*columns)
    promised = _promised()
    return [_without(placement.NodeCapacity(*row), *promised.get(row[0], (0, 0))) for row in rows]


def _promised() -> dict[int, tuple[int, int]]:
    """Memory and disk in GB, by node, of VMs that the mirrored capacity does not know of yet."""
    unseen = Q(contract_created_at=None) | Q(contract_created_at__gt=F("node__seen_at"))
    alive = VM.objects.filter(unseen).alive().exclude(node=None)
    rows = alive.values_list("node").annotate(memory=Sum("memory_gb"), disk=Sum("disk_gb"))
    return {node: (memory, disk) for node, memory, disk in rows}


def _without(node: placement.NodeCapacity, memory_gb: int, disk_gb: int) -> placement.NodeCapacity:
    if not memory_gb:
        return node
    return replace(node, free_mru=node.free_mru - 1024 * memory_gb, free_sru=node.free_sru - disk_gb)


def occupied(choosers: Iterable[Chooser]) -> dict[Chooser, list[int]]:
    """Where each pool's VMs are already and stay: node row ids, one entry a VM. One that leaves does not
    count, so that what replaces it is spread over as many nodes as the pool asks for."""
    found: dict[Chooser, list[int]] = defaultdict(list)
    pools = [key for key in choosers if isinstance(key, int)]
    leaving = (VM.State.REMOVING, VM.State.GONE)
    staying = VM.objects.unretired().filter(pool__in=pools).exclude(state__in=leaving).exclude(node=None)
    for pool_id, node_id in staying.values_list("pool_id", "node_id"):
        found[pool_id].append(node_id)
    return found


def _claims(team_id: int, now: datetime) -> list[Job]:
    """Where nodes are short, who has least goes first: the oldest job of each other team that waits for room on a node
    and lacks nothing else, where its team has fewer VMs than this one."""
    waiting = Job.objects.filter(state=Job.State.QUEUED, reason=WaitCode.NO_NODE_NOW).exclude(team=team_id)
    oldest = list(waiting.order_by("team", "queued_at").distinct("team").select_related("pool", "team"))
    if not oldest:
        return []
    vms = _vms_by_team([team_id, *(job.team_id for job in oldest)])
    fewer = [job for job in oldest if vms[job.team_id] < vms[team_id]]
    fewer.sort(key=lambda job: (vms[job.team_id], job.queued_at, job.pk))
    return [job for job in fewer[:CLAIMS] if _could_start(job, now)]


def _vms_by_team(teams: Collection[int]) -> dict[int, int]:
    alive = VM.objects.filter(team__in=teams).alive().exclude(node=None)
    return defaultdict(int, alive.values_list("team").annotate(count=Count("pk")))


def _could_start(job: Job, now: datetime) -> bool:
    """Whether room on a node is all that it lacks; at the price of the dearer kind of node."""
    prices = quotes.prices(registry.network(), job.team_id)
    alive = VM.objects.filter(pool=job.pool_id).alive().exclude(node=None)
    pool = present(job.pool)
    if prices is None or pool.closing_at or alive.count() >= pool.max_vms:
        return False
    highest: Tft = max(quotes.hourly_prices(Size.parse(job.size), prices).values())
    return charges.allowance(wallets.for_team(job.team).pk, now).covers(highest)
