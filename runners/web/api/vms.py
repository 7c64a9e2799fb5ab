"""VMs: read, and retire one that runs no job."""

from typing import Any

from django.db.models import Count, Prefetch, QuerySet
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import Field

from billing import price_parts
from runners.metering import charges
from runners.models import VM, Event, Runner
from runners.queue import nudges
from runners.vms import retiring
from runners.web.api import lists, prices, problems
from runners.web.api.access import Bearer
from runners.web.api.events import EventShown
from runners.web.api.prices import PriceShown
from runners.web.api.schemas import Id, ProtectionName, ReasonShown, Tft, VMState, reason_shown
from tfci.accounts.requests import TokenRequest
from tfci.core import tft

router = Router()
READ, RETIRE = Bearer("vms.read"), Bearer("vms.retire")
FILTERS = {"pool": "pool", "node": "node__node_id"}


class VMsQuery(lists.ListQuery):
    state: list[VMState] = Field([], description="One or several: state=standby&state=busy.")
    pool: Id | None = None
    node: Id | None = Field(None, description="Grid number of the node.")


class VMShown(Schema):
    id: int
    state: VMState
    reason: ReasonShown | None = Field(description="What it waits for, or why it ended.")
    pool_id: int | None = Field(description="Null for the VM of a server.")
    server_id: int | None
    job_id: int | None = Field(description="Current or last job.")
    job_ids: list[int] = Field(description="All its jobs, oldest first.")
    node_id: int | None = Field(description="Grid number of the node.")
    size: str
    protection: ProtectionName = Field(description="Image that it was deployed with.")
    refreshes: int = Field(description="Number of reboots between jobs.")
    contract_ids: list[int]
    addresses: dict[str, str]
    events: list[EventShown] = Field(description="Oldest first.")
    price: PriceShown | None = Field(
        description="What an hour costs, for its life; null until a node is chosen."
    )
    cost: Tft = Field(description="Cost so far; the total in the ledger when the VM is gone.")
    cost_so_far: bool = Field(description="The VM still exists, so its cost still rises.")


@router.get("", auth=READ, response={200: lists.Page[VMShown]} | problems.responses())
def list_vms(request: TokenRequest, query: Query[VMsQuery]) -> dict[str, Any]:
    """Newest first, including deleted VMs."""
    vms = _theirs(request).filter(**lists.lookups(query, FILTERS))
    return lists.page(request, vms.filter(state__in=query.state) if query.state else vms, query, _all_shown)


@router.get("/{int:pk}", auth=READ, response={200: VMShown} | problems.responses(404))
def read_vm(request: TokenRequest, pk: int) -> dict[str, Any]:
    return _read(request, pk)


@router.delete("/{int:pk}", auth=RETIRE, response={202: VMShown} | problems.responses(404, 409))
def retire_vm(request: TokenRequest, pk: int) -> Status[dict[str, Any]]:
    """Delete the VM immediately; 409 if it runs a job."""
    vm = lists.one(_theirs(request), "vm", pk=pk)
    try:
        if retiring.retire(vm, request.auth, timezone.now()):
            nudges.step(vm.pk)
    except retiring.InUse as error:
        raise problems.Stop(409, str(error)) from None
    return Status(202, _read(request, pk))


def _theirs(request: TokenRequest) -> QuerySet[VM]:
    events = Prefetch("events", Event.objects.order_by("pk"))
    taken = Prefetch("runners", Runner.objects.exclude(job=None).only("vm", "job").order_by("pk"), "taken")
    rows = VM.objects.filter(team=request.team).select_related("team", "node", "quote").defer("tail")
    return rows.prefetch_related(events, taken).annotate(reboots=Count("refreshes"))


def _read(request: TokenRequest, pk: int) -> dict[str, Any]:
    return _all_shown([lists.one(_theirs(request), "vm", pk=pk)])[0]


def _all_shown(vms: list[VM]) -> list[dict[str, Any]]:
    costs = charges.totals(vms, timezone.now())
    return [shown(vm, costs[vm.pk]) for vm in vms]


def shown(vm: VM, cost: tft.Tft) -> dict[str, Any]:
    job_ids = [runner.job_id for runner in vm.taken]  # type: ignore[attr-defined]  # read beside it
    made = {
        "node_id": vm.node.node_id if vm.node else None,
        "job_id": job_ids[-1] if job_ids else None,
        "job_ids": job_ids,
        "refreshes": vm.reboots,  # type: ignore[attr-defined]  # likewise
        "reason": reason_shown(vm.typed_reason),
        "events": list(vm.events.all()),
        "price": prices.shown(price_parts.of_quote(vm.quote)) if vm.quote else None,
        "cost": cost,
        "cost_so_far": vm.state != VM.State.GONE,
    }
    return {name: getattr(vm, name) for name in VMShown.model_fields if name not in made} | made
