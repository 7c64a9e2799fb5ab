"""The node finder: the grid's own facts beside our record of each node, and what a machine costs there."""

from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from django.http import QueryDict
from django.shortcuts import render

from billing import pricing, quotes
from runners.forms import NodeFilterForm
from runners.rules.labels import NAMED
from tfci import paging
from tfci.accounts.access import may, requires
from tfci.grid import connect
from tfci.grid.models import Node
from tfci.tft import Tft

MINUTE = 60_000  # milliseconds
SIZE = 40  # nodes on a page
WELL = "up=true&healthy=true"  # where the finder begins


@dataclass(frozen=True, slots=True)
class Row:
    """A node with what a machine of the chosen size costs there a minute; `boot` in seconds."""

    node: Node
    minute: Tft | None
    dollars: Decimal | None
    boot: float | None

    @property
    def tried(self) -> int:
        return self.node.deploys + self.node.failures

    @property
    def percent(self) -> float:
        return 100 * self.node.deploys / self.tried


@requires("nodes.read")
def nodes(request):
    """Those that keep the filters, by our rows from new to old; those that are well before anything is asked for.
    With htmx only the list."""
    asked = any(name in request.GET for name in NodeFilterForm.base_fields)
    form, at = NodeFilterForm(request.GET if asked else QueryDict(WELL)), quotes.prices(connect.network())
    sound = form.is_valid()
    prices = form.prices() if "size" in form.cleaned_data else {}
    of_the_grid = Node.objects.filter(network=connect.network())
    found = form.narrow(of_the_grid, prices) if sound else of_the_grid.none()
    page = paging.page(found.select_related("farm"), request.GET, SIZE)
    context = {
        "form": form,
        "page": page,
        "rows": [_row(node, prices, at) for node in page.items],
        "found": found.count(),
        "places": places(of_the_grid),
        "at": at,
        "sizes": NAMED,
        "well": WELL,
        "may_pool": may(request.role, "pools.change"),
    }
    return render(request, "runners/nodes.html#list" if request.htmx else "runners/nodes.html", context)


def _row(node: Node, prices: dict[bool, Tft], at) -> Row:
    minute = pricing.cost(prices[node.certified], MINUTE) if prices else None
    return Row(
        node,
        minute,
        dollars(minute, at) if minute is not None else None,
        median(node.boot_ms) / 1000 if node.boot_ms else None,
    )


def dollars(amount: Tft, at) -> Decimal:
    """For people to compare, never charged; `at` is a reading of the chain's prices."""
    return Decimal(pricing.usd(amount, at.tft_musd)).scaleb(-7)


def places(of_the_grid) -> dict[str, list[str]]:
    """The regions and countries that the grid has nodes in."""
    pairs = set(of_the_grid.order_by().values_list("region", "country").distinct())
    return {
        "regions": sorted({region for region, _ in pairs if region}),
        "countries": sorted({country for _, country in pairs if country}),
    }
