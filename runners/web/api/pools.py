"""Pools: make, change, delete. What they say is checked by the form that pages use."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from ninja import PatchDict, Query, Router, Status
from pydantic import Field

from runners.models import Pool
from runners.pools import changes
from runners.pools.changes import Deed
from runners.queue import nudges
from runners.web.api import lists, problems
from runners.web.api.access import Bearer
from runners.web.api.schemas import Id, ProtectionName, ReasonShown, ReuseName, Said, Time, reason_shown
from runners.web.forms import PoolForm
from tfci.accounts.requests import TokenRequest
from tfci.forges.models import Connection

router = Router()
READ, CHANGE = Bearer("pools.read"), Bearer("pools.change")
FRESH = Pool()
NAMES = (
    {"anchors": "labels"}
    | {field: f"nodes.{key}" for field, key in PoolForm.NODES.items()}
    | {key: f"nodes.rule.{key}" for key in PoolForm.RULE}
)


class Rule(Said):
    certified: bool | None = None
    min_success_percent: int | None = Field(None, description="How many of our VMs came up on the node.")
    max_price: str | None = Field(None, description="TFT an hour that one VM may cost.", examples=["0.5"])
    pack: bool | None = Field(None, description="On as few nodes as min_distinct_nodes allows.")


class Nodes(Said):
    """Those that any of the four lists names (all, where all are empty) and that keep the rule."""

    ids: list[Id] = []
    farms: list[Id] = []
    countries: list[str] = []
    regions: list[str] = []
    rule: Rule = Rule()  # type: ignore[call-arg]  # all have defaults


class PoolNew(Said):
    name: str
    connections: list[Id]
    repositories: list[str] = Field([], description="owner/name; all of the organisations, where empty.")
    labels: list[str] = Field([], description="Anchors: labels that a job must carry, all of them.")
    nodes: Nodes = Nodes()
    min_distinct_nodes: int = FRESH.min_distinct_nodes
    sizes: list[str] = Field(FRESH.sizes, description="Anything up to the largest of these is served.")
    default_size: str = Field(FRESH.default_size, description="Of a job whose labels name no size.")
    min_vms: dict[str, int] = Field({}, description="Size -> VMs that are kept ready.")
    max_vms: int = FRESH.max_vms
    max_job_minutes: int = FRESH.max_job_minutes
    linger_minutes: int = Field(FRESH.linger_minutes, description="How long a VM waits for a next job.")
    cpu_target: int | None = Field(
        None, description="Percent of the processors from which on more is held ready; null: not watched."
    )
    cpu_minutes: int = Field(FRESH.cpu_minutes, description="How long it must last, before each step.")
    protection: ProtectionName = Field(
        FRESH.protection, description="How what jobs write is protected; none: not at all."
    )
    reuse: ReuseName = Field(
        FRESH.reuse, description="Whose job may follow on a VM, after a reboot with a new key."
    )
    container_image: str = Field(
        FRESH.container_image,
        description="That jobs run in, where their forge can do that; else the VM.",
    )
    rerun_lost: bool = Field(
        FRESH.rerun_lost, description="Have a job run again whose VM failed, at most twice."
    )
    arm64_emulated: bool = Field(
        FRESH.arm64_emulated, description="Take labels for arm64, by emulation: 5 to 13 times slower."
    )
    position: int | None = Field(
        None,
        description="Pools are asked in this order, the lowest first; of equal ones the older first. Without one a new "
        "pool comes after all others, and another stays where it is.",
    )


class PoolShown(PoolNew):
    id: int
    position: int
    reason: ReasonShown | None = Field(description="The last decision, with its numbers.")
    decided_at: Time | None
    created_at: Time
    closing_at: Time | None = Field(description="Since when it is being removed.")
    closed_at: Time | None


@router.get("", auth=READ, response={200: lists.Page[PoolShown]} | problems.responses())
def list_pools(request: TokenRequest, asked: Query[lists.Asked]) -> dict[str, Any]:
    """Those that are not gone, newest first."""
    return lists.page(request, _theirs(request).filter(closed_at=None), asked, _all_shown)


@router.post("", auth=CHANGE, response={201: PoolShown} | problems.responses(*problems.BODY, 409))
def make_pool(request: TokenRequest, body: PoolNew) -> Status[dict[str, Any]]:
    """Only name and organisations must be said. Jobs that wait for such a pool come to it at once."""
    pool = Pool(team=request.team, position=Pool.next_position(request.team))
    _carry_out(request, pool, body.model_dump(exclude_unset=True), changes.make)
    return Status(201, shown(pool))


@router.get("/{int:pk}", auth=READ, response={200: PoolShown} | problems.responses(404))
def read_pool(request: TokenRequest, pk: int) -> dict[str, Any]:
    return shown(one(request, pk))


@router.patch(
    "/{int:pk}", auth=CHANGE, response={200: PoolShown} | problems.responses(*problems.BODY, 404, 409)
)
def change_pool(request: TokenRequest, pk: int, body: PatchDict[PoolNew]) -> dict[str, Any]:
    """What is left out stays. A list and `nodes` are replaced as a whole."""
    pool = one(request, pk)
    if pool.closing_at:
        raise problems.Stop(409, f"The pool {pool} is being removed. Make another one.")
    _carry_out(request, pool, body, changes.change)
    return shown(one(request, pk))


@router.delete("/{int:pk}", auth=CHANGE, response={202: PoolShown} | problems.responses(404))
def delete_pool(request: TokenRequest, pk: int) -> Status[dict[str, Any]]:
    """Takes no job from now on. VMs go as their jobs end, then the pool does."""
    pool = one(request, pk)
    nudges.follow(changes.close(pool, request.auth, timezone.now()))
    return Status(202, shown(pool))


def _theirs(request: TokenRequest) -> QuerySet[Pool]:
    ids = Prefetch("connections", Connection.objects.only("pk").order_by("pk"))
    return Pool.objects.of(request.team).select_related("team").prefetch_related(ids)


def one(request: TokenRequest, pk: int) -> Pool:
    return lists.one(_theirs(request), "pool", pk=pk)


def _carry_out(request: TokenRequest, pool: Pool, said: dict[str, Any], deed: Deed) -> None:
    """Through the form of the pages, then the deed and what follows from it."""
    form = PoolForm(request.team, PoolForm.data_of(pool) | _as_data(said), pool=pool)
    connections = problems.sound(form, NAMES)["connections"]
    try:
        effects = deed(pool, connections, request.auth, timezone.now())
    except changes.PoolNameTaken:
        taken = "A pool of this name is there already. Choose another name."
        raise problems.wrong({"name": [taken]}, 409) from None
    nudges.follow(effects)


def _as_data(said: dict[str, Any]) -> dict[str, Any]:
    """JSON under the names of the form's fields."""
    data = {"anchors" if name == "labels" else name: value for name, value in said.items()}
    if data.get("position", 0) is None:
        del data["position"]
    if "nodes" in data:
        data |= PoolForm.nodes_of(data.pop("nodes") or {})
    return data


def _all_shown(rows: list[Pool]) -> list[dict[str, Any]]:
    return [shown(pool) for pool in rows]


def shown(pool: Pool) -> dict[str, Any]:
    plain = {
        name: getattr(pool, name) for name in PoolShown.model_fields if name not in ("connections", "labels")
    }
    plain |= {"connections": [connection.pk for connection in pool.connections.all()], "labels": pool.anchors}
    return plain | {"reason": reason_shown(pool.typed_reason)}
