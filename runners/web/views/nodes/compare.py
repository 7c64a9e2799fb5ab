"""Up to four nodes side by side, and what one VM on each of them costs."""

from dataclasses import dataclass
from decimal import Decimal

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from billing import pricing, quotes
from runners.web.forms import NodeFilterForm
from runners.web.views.nodes.list import NodeRow, dollars, rows
from tfci.accounts.access import may, requires
from tfci.accounts.requests import TeamRequest
from tfci.core.tft import Tft
from tfci.grid import registry
from tfci.grid.models import Drain, Node
from tfci.grid.nodes import fitting

MAX_NODES = 4


@dataclass(frozen=True, slots=True)
class PriceLevel:
    """`percent` off where the account that pays holds so much; and what the VMs cost an hour then."""

    percent: int
    holds: Tft
    hour: Tft


@dataclass(frozen=True, slots=True)
class NodePrice:
    """Of one VM on each of the nodes."""

    hour: Tft
    month: Tft
    dollars: Decimal
    levels: list[PriceLevel]


@requires("nodes.read")
def compare(request: TeamRequest) -> HttpResponse:
    """The nodes that were ticked, in the order of their numbers."""
    now, at = timezone.now(), quotes.prices(registry.network())
    form = _sized(request.GET.get("size", ""))
    prices, size = form.prices(at), form.cleaned_data["size"]
    numbers = {int(text) for text in request.GET.getlist("node") if text.isdecimal() and len(text) < 19}
    known = Node.objects.filter(network=registry.network(), node_id__in=numbers).select_related("farm")
    found = rows(known.order_by("node_id")[:MAX_NODES], prices, at)
    drains = Drain.objects.of(request.team).filter(node__in=[row.node for row in found])
    drained = {drain.node_id: drain for drain in drains}
    fit = fitting(registry.network(), size.cpu, size.memory_gb, size.disk_gb, now)
    context = {
        "rows": found,
        "more": len(numbers) - len(found),
        "fit": set(fit.filter(node_id__in=numbers).values_list("node_id", flat=True)),
        "size": size,
        "price": price_of(found, prices, at) if found and at else None,
        "at": at,
        "drains": [(row, drained.get(row.node.pk)) for row in found],
        "may_pool": may(request.role, "pools.change"),
        "may_drain": may(request.role, "nodes.drain"),
    }
    return render(request, "runners/nodes/compare.html", context)


def _sized(text: str) -> NodeFilterForm:
    """With that size, or the usual one where it makes no sense."""
    form = NodeFilterForm({"size": text})
    if not form.is_valid():
        form = NodeFilterForm({})
        form.full_clean()
    return form


def price_of(found: list[NodeRow], prices: dict[bool, Tft], at: quotes.Reading) -> NodePrice:
    """The chain looks at each contract by itself, so the dearest says what an account must hold for all."""
    each = [prices[row.node.certified] for row in found]
    hour, dearest = Tft(sum(each)), Tft(max(each) * pricing.MONTH)
    levels = [
        PriceLevel(percent, holds, hour.share(100 - percent, 100))
        for percent, holds in pricing.discounts(dearest)
    ]
    return NodePrice(hour, Tft(hour * pricing.MONTH), dollars(hour, at), levels)
