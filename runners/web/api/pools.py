"""Pools: make, change, delete. What they say is checked by the form that pages use."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from ninja import PatchDict, Query, Router, Status
from pydantic import Field

from runners.models import Pool
from runners.pools import changes
from runners.pools.changes import PoolChange
from runners.queue import nudges
from runners.web.api import lists, problems
from runners.web.api.access import Bearer
from runners.web.api.schemas import (
    Id,
    ProtectionName,
    ReasonShown,
    ReuseName,
    Said,
    Time,
    WeekdayName,
    reason_shown,
)
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
    min_success_percent: int | None = Field(
        None, description="Minimum percentage of our VMs that started on the node."
    )
    max_price: str | None = Field(None, description="Maximum TFT/h for one VM.", examples=["0.5"])
    pack: bool | None = Field(None, description="On as few nodes as min_distinct_nodes allows.")


class Nodes(Said):
    """Nodes that any of the four lists names (all nodes if all lists are empty) and that match the rules."""

    ids: list[Id] = []
    farms: list[Id] = []
    countries: list[str] = []
    regions: list[str] = []
    rule: Rule = Rule()  # type: ignore[call-arg]  # all have defaults


class Hours(Said):
    """Hours in which the pool keeps other numbers of VMs ready, in the team's time zone."""

    size: str
    vms: int = Field(description="VMs kept ready instead of the number in min_vms.")
    weekdays: list[WeekdayName] = Field(description="Days on which the hours begin.")
    from_hour: int = Field(description="0 to 23.")
    to_hour: int = Field(description="1 to 24; before from_hour: of the next day.")


class PoolNew(Said):
    name: str
    connections: list[Id]
    repositories: list[str] = Field([], description="owner/name; empty: all repositories of the connections.")
    labels: list[str] = Field([], description="Anchors: a job must have all of these labels.")
    nodes: Nodes = Nodes()
    min_distinct_nodes: int = FRESH.min_distinct_nodes
    sizes: list[str] = Field(FRESH.sizes, description="Any size up to the largest of these is served.")
    default_size: str = Field(FRESH.default_size, description="For jobs whose labels name no size.")
    min_vms: dict[str, int] = Field({}, description="Size -> number of VMs kept ready.")
    schedule: list[Hours] = Field(
        [], description="Other numbers by weekday and hour. Of rows that overlap, the largest number counts."
    )
    max_vms: int = FRESH.max_vms
    max_job_minutes: int = FRESH.max_job_minutes
    linger_minutes: int = Field(FRESH.linger_minutes, description="Minutes that an idle VM waits for a job.")
    cpu_target: int | None = Field(
        None, description="CPU use in percent at which more VMs are kept ready; null: off."
    )
    cpu_minutes: int = Field(FRESH.cpu_minutes, description="Minutes at the target before each step.")
    protection: ProtectionName = Field(
        FRESH.protection, description="Protection of job data; none: unencrypted on disk."
    )
    reuse: ReuseName = Field(
        FRESH.reuse, description="Which jobs can reuse a VM after a reboot with a new key."
    )
    container_image: str = Field(
        FRESH.container_image,
        description="Container image that jobs run in, if the forge supports it; otherwise jobs run in the VM.",
    )
    rerun_lost: bool = Field(FRESH.rerun_lost, description="Retry a job up to two times if its VM failed.")
    end_jobs_at_limit: bool = Field(
        FRESH.end_jobs_at_limit,
        description="End running jobs too when a spending limit of the team, the pool or their repository is reached.",
    )
    arm64_emulated: bool = Field(
        FRESH.arm64_emulated, description="Accept arm64 labels by emulation, 5 to 13 times slower."
    )
    position: int | None = Field(
        None,
        description=(
            "Pools are matched in this order, lowest first, older pools first if equal. Default: a new pool "
            "comes last; an existing pool keeps its position."
        ),
    )


class PoolShown(PoolNew):
    id: int
    position: int
    reason: ReasonShown | None = Field(description="The last decision, with its numbers.")
    decided_at: Time | None
    created_at: Time
    closing_at: Time | None = Field(description="When its deletion started.")
    closed_at: Time | None


@router.get("", auth=READ, response={200: lists.Page[PoolShown]} | problems.responses())
def list_pools(request: TokenRequest, query: Query[lists.ListQuery]) -> dict[str, Any]:
    """All pools that are not deleted, newest first."""
    return lists.page(request, _theirs(request).filter(closed_at=None), query, _all_shown)


@router.post("", auth=CHANGE, response={201: PoolShown} | problems.responses(*problems.BODY, 409))
def make_pool(request: TokenRequest, body: PoolNew) -> Status[dict[str, Any]]:
    """Only `name` and `connections` are required. Matching jobs that wait go to the pool immediately."""
    pool = Pool(team=request.team, position=Pool.next_position(request.team))
    _carry_out(request, pool, body.model_dump(exclude_unset=True), changes.create)
    return Status(201, shown(pool))


@router.get("/{int:pk}", auth=READ, response={200: PoolShown} | problems.responses(404))
def read_pool(request: TokenRequest, pk: int) -> dict[str, Any]:
    return shown(one(request, pk))


@router.patch(
    "/{int:pk}", auth=CHANGE, response={200: PoolShown} | problems.responses(*problems.BODY, 404, 409)
)
def change_pool(request: TokenRequest, pk: int, body: PatchDict[PoolNew]) -> dict[str, Any]:
    """Omitted fields are not changed. Lists and `nodes` are replaced completely."""
    pool = one(request, pk)
    if pool.closing_at:
        raise problems.Stop(409, f"The pool {pool} is being deleted. Create another one.")
    _carry_out(request, pool, body, changes.change)
    return shown(one(request, pk))


@router.delete("/{int:pk}", auth=CHANGE, response={202: PoolShown} | problems.responses(404))
def delete_pool(request: TokenRequest, pk: int) -> Status[dict[str, Any]]:
    """Take no new jobs. VMs are deleted when their jobs end, then the pool is deleted."""
    pool = one(request, pk)
    nudges.follow(changes.close(pool, request.auth, timezone.now()))
    return Status(202, shown(pool))


def _theirs(request: TokenRequest) -> QuerySet[Pool]:
    ids = Prefetch("connections", Connection.objects.only("pk").order_by("pk"))
    return Pool.objects.of(request.team).select_related("team").prefetch_related(ids)


def one(request: TokenRequest, pk: int) -> Pool:
    return lists.one(_theirs(request), "pool", pk=pk)


def _carry_out(request: TokenRequest, pool: Pool, values: dict[str, Any], save: PoolChange) -> None:
    """Check with the form of the pages, save, and follow its effects."""
    form = PoolForm(request.team, PoolForm.data_of(pool) | _as_data(values), pool=pool)
    connections = problems.validated(form, NAMES)["connections"]
    try:
        effects = save(pool, connections, request.auth, timezone.now())
    except changes.PoolNameTaken:
        taken = "A pool with this name already exists. Choose another name."
        raise problems.invalid({"name": [taken]}, 409) from None
    nudges.follow(effects)


def _as_data(values: dict[str, Any]) -> dict[str, Any]:
    """JSON under the names of the form's fields."""
    data = {"anchors" if name == "labels" else name: value for name, value in values.items()}
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
