"""What a pool would deploy now: which nodes, for how much, and as which file for tfrobot. Nothing is spent."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from billing import quotes
from runners.jobs.labels import NAMED
from runners.models import Pool
from runners.pools import dry_run as pool_dry_run
from runners.pools.tfrobot import exchange
from runners.web.forms import DryRunForm
from runners.web.views.nodes.list import dollars
from runners.web.views.pools.pages import one
from tfci.accounts.access import requires
from tfci.accounts.requests import TeamRequest
from tfci.core.tft import Tft
from tfci.grid import registry
from tfci.grid.models import Node


@dataclass(frozen=True, slots=True)
class DryRunLine:
    """VMs that are alike: of one size, for one purpose, on one node or waiting for one thing."""

    vm: pool_dry_run.ImaginedVM
    node: Node | None
    count: int
    per_hour: Tft | None
    dollars: Decimal | None


@requires("pools.read")
def dry_run(request: TeamRequest, pk: int) -> HttpResponse:
    """`?jobs=` more jobs of `size=`, which may be 0: without it only the question, for the answer asks the database as
    much as deciding and placing do. With htmx only the answer."""
    pool, now = one(request, pk), timezone.now()
    is_requested = "jobs" in request.GET
    form = DryRunForm(pool, request.GET)
    context = {"pool": pool, "form": form, "sizes": [word for word in pool.sizes if word in NAMED]}
    context["asked"] = is_requested
    if is_requested and form.is_valid():
        context |= whole(pool, pool_dry_run.rehearse(pool, now, form.imagined))
    page = "runners/pools/dry_run.html#answer" if request.htmx else "runners/pools/dry_run.html"
    return render(request, page, context)


def whole(pool: Pool, found: pool_dry_run.Rehearsal) -> dict[str, Any]:
    """All that the answer shows."""
    at, (file, no_file) = found.prices, exchange.tried(pool, found.sizes)
    return {
        "found": found,
        "sent": lines(found.sent, at),
        "waiting": lines(found.waiting, at),
        "dollars": dollars(found.per_hour, at) if found.sent and at else None,
        "file": file,
        "no_file": no_file,
        "nodes_at": Node.objects.filter(network=registry.network()).aggregate(at=Max("seen_at"))["at"],
    }


def lines(vms: list[pool_dry_run.ImaginedVM], at: quotes.Reading | None) -> list[DryRunLine]:
    """One query."""
    counts = Counter(vms)
    wanted = {vm.node.id for vm in counts if vm.node}
    nodes = Node.objects.filter(pk__in=wanted).select_related("farm").in_bulk()
    return [_line(vm, nodes, count, at) for vm, count in counts.items()]


def _line(
    vm: pool_dry_run.ImaginedVM, nodes: dict[int, Node], count: int, at: quotes.Reading | None
) -> DryRunLine:
    cost = Tft(count * vm.per_hour) if vm.per_hour is not None else None
    node = nodes.get(vm.node.id) if vm.node else None
    return DryRunLine(vm, node, count, cost, dollars(cost, at) if cost is not None and at else None)
