"""Up to four nodes side by side, and what one VM on each of them costs."""

from dataclasses import dataclass, replace
from decimal import Decimal

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from billing import price_parts, pricing, quotes
from runners.jobs.labels import Size
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
    """`percent` off where the account that pays holds so much; and what the VMs would cost the team an hour then."""

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
    level: int  # percent that the payer gets now


@requires("nodes.read")
def compare(request: TeamRequest) -> HttpResponse:
    """The nodes that were ticked, in the order of their numbers."""
    now, at = timezone.now(), quotes.prices(registry.network(), request.team.pk)
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
        "price": price_of(found, size, at) if found and at else None,
        "at": at,
        "made_of": price_parts.of_size(size, at) if at else None,
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


def price_of(found: list[NodeRow], size: Size, at: quotes.Reading) -> NodePrice:
    """The chain looks at each contract by itself, so one says what an account must hold for all."""
    kinds = [row.node.certified for row in found]
    hour = _hour(size, kinds, at)
    month = Tft(at.parts(size, certified=False).list_price * pricing.MONTH)
    levels = [(0, Tft()), *pricing.discounts(month)]
    return NodePrice(
        hour,
        Tft(hour * pricing.MONTH),
        dollars(hour, at),
        [
            PriceLevel(percent, holds, _hour(size, kinds, replace(at, held=holds)))
            for percent, holds in levels
        ],
        at.discount_percent(size),
    )


def _hour(size: Size, kinds: list[bool], at: quotes.Reading) -> Tft:
    return Tft(sum(quotes.per_hour(size, at, certified=kind) for kind in kinds))
