"""Nodes: the grid's own facts beside our record of each, and what a VM costs there."""

from statistics import median
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from ninja import Query, Router, Schema
from pydantic import Field

from billing import quotes
from runners.pools import drains as pool_drains
from runners.queue import nudges
from runners.vms import last_failure
from runners.web.api import lists, problems
from runners.web.api.access import Bearer
from runners.web.api.schemas import ReasonShown, Text, Tft, Time, reason_shown
from runners.web.forms import NodeFilterForm
from tfci.accounts.requests import TokenRequest
from tfci.core import tft
from tfci.grid import drains
from tfci.grid.models import Drain, Node
from tfci.grid.registry import network

router = Router()
READ, DRAIN = Bearer("nodes.read"), Bearer("nodes.drain")
MIB_IN_GB = 1024
Prices = dict[bool, tft.Tft]  # by whether a node is certified


class NodesQuery(lists.ListQuery):
    country: Text | None = None
    region: Text | None = None
    farm: Text | None = Field(None, description="Number of the farm, or a part of its name.")
    certified: bool | None = None
    up: bool | None = None
    healthy: bool | None = None
    min_cpu: int | None = Field(None, ge=0, le=10**6, description="Free CPUs.")
    min_ram: int | None = Field(None, ge=0, le=10**6, description="Free memory, GB.")
    min_ssd: int | None = Field(None, ge=0, le=10**6, description="Free disk, GB.")
    min_hdd: int | None = Field(None, ge=0, le=10**6, description="Free hard disk, GB.")
    min_gpus: int | None = Field(None, ge=0, le=10**6)
    min_ips: int | None = Field(None, ge=0, le=10**6, description="Free public IPv4 addresses of the farm.")
    min_days: int | None = Field(None, ge=0, le=10**6, description="Uptime in days.")
    min_speed: int | None = Field(
        None, ge=0, le=10**6, description="Mbit/s in both directions, as the node measured it."
    )
    min_success: int | None = Field(None, ge=1, le=100, description="Percentage of our VMs that started.")
    boots_within: int | None = Field(
        None, ge=1, le=3600, description="Median boot time of our VMs in seconds."
    )
    fits: bool | None = Field(None, description="A VM of `size` can start there now.")
    dedicated: bool | None = None
    rentable: bool | None = None
    standby: bool | None = None
    gateway: bool | None = None
    ipv6: bool | None = None
    size: Text = Field("small", description="VM size that prices refer to.")
    max_price: Text | None = Field(None, description="Maximum TFT/h for a VM of `size`.")


class FarmName(Schema):
    id: int
    name: str


class Capacity(Schema):
    """CPUs; memory and disk in GB."""

    cpu: int
    ram: int
    ssd: int


class NodeRecord(Schema):
    """Track record of our VMs on the node, for all teams; medians in milliseconds."""

    deploys: int
    failures: int
    deploy_ms: int | None
    boot_ms: int | None
    last_failure_at: Time | None
    last_failure: ReasonShown | None
    blocked_until: Time | None


class NodeShown(Schema):
    id: int = Field(description="Grid number of the node, as in a pool's nodes.ids.")
    farm: FarmName
    country: str
    region: str
    city: str
    up: bool
    healthy: bool
    certified: bool
    dedicated: bool
    rented: bool
    rentable: bool
    standby: bool
    gateway: bool
    ipv6: bool
    num_gpu: int
    free_ips: int
    uptime: int = Field(description="Seconds.")
    upload: int = Field(description="Bits per second.")
    download: int
    total: Capacity
    free: Capacity
    price_per_hour: Tft | None = Field(description="For a VM of `size`; null until prices were read.")
    record: NodeRecord
    seen_at: Time
    drained_at: Time | None = Field(description="When the team started draining the node.")


@router.get("", auth=READ, response={200: lists.Page[NodeShown]} | problems.responses())
def list_nodes(request: TokenRequest, query: Query[NodesQuery]) -> dict[str, Any]:
    """All nodes of the grid that match the filters."""
    form = NodeFilterForm(query.model_dump(exclude_none=True))
    problems.validated(form)
    prices = form.prices(quotes.prices(network(), request.team.pk))
    rows = form.narrow(_all(request), prices, timezone.now())
    return lists.page(request, rows, query, lambda nodes: [shown(node, prices) for node in nodes])


@router.get("/{int:node_id}", auth=READ, response={200: NodeShown} | problems.responses(404))
def read_node(request: TokenRequest, node_id: int) -> dict[str, Any]:
    """The price is for a small VM."""
    return _read(request, node_id)


@router.post("/{int:node_id}/drain", auth=DRAIN, response={200: NodeShown} | problems.responses(404))
def drain_node(request: TokenRequest, node_id: int) -> dict[str, Any]:
    """Start draining: no VM of the team starts on the node, idle VMs are deleted, jobs finish."""
    node = lists.one(_all(request), "node", node_id=node_id)
    nudges.follow(pool_drains.drain(node, request.team, request.auth, timezone.now()))
    return _read(request, node_id)


@router.delete("/{int:node_id}/drain", auth=DRAIN, response={200: NodeShown} | problems.responses(404))
def use_node(request: TokenRequest, node_id: int) -> dict[str, Any]:
    """Stop draining: VMs of the team can start on the node again."""
    node = lists.one(_all(request), "node", node_id=node_id)
    drains.end(node, request.team, request.auth, timezone.now())
    return _read(request, node_id)


def _all(request: TokenRequest) -> QuerySet[Node]:
    drained = Drain.objects.of(request.team).filter(node=OuterRef("pk")).values("began_at")
    rows = Node.objects.filter(network=network()).select_related("farm")
    return rows.annotate(drained_at=Subquery(drained))


def _read(request: TokenRequest, node_id: int) -> dict[str, Any]:
    small = NodeFilterForm({})
    problems.validated(small)
    prices = small.prices(quotes.prices(network(), request.team.pk))
    return shown(lists.one(_all(request), "node", node_id=node_id), prices)


def shown(node: Node, prices: Prices) -> dict[str, Any]:
    plain = {name: getattr(node, name) for name in NodeShown.model_fields if hasattr(node, name)}
    return plain | {
        "id": node.node_id,
        "farm": {"id": node.farm.farm_id, "name": node.farm.name},
        "total": _room(node, "total"),
        "free": _room(node, "free"),
        "price_per_hour": prices.get(node.certified),
        "record": _record(node),
    }


def _room(node: Node, which: str) -> dict[str, int]:
    cpu, memory, disk = (getattr(node, f"{which}_{unit}") for unit in ("cru", "mru", "sru"))
    return {"cpu": cpu, "ram": memory // MIB_IN_GB, "ssd": disk}


def _record(node: Node) -> dict[str, Any]:
    plain = {name: getattr(node, name) for name in NodeRecord.model_fields}
    medians = {name: round(median(plain[name])) if plain[name] else None for name in ("deploy_ms", "boot_ms")}
    return plain | medians | {"last_failure": reason_shown(last_failure.reason(node))}
