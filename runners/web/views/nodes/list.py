"""The node finder: the grid's own facts beside our record of each node, and what a VM costs there."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from statistics import median, quantiles

from django.db.models import Avg, Count, Exists, OuterRef, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from billing import price_parts, pricing, quotes
from runners.jobs.labels import NAMED
from runners.models import VM
from runners.vms import last_failure, metrics
from runners.web.forms import NodeFilterForm
from tfci.accounts.access import may, requires
from tfci.accounts.requests import TeamRequest
from tfci.core import paging
from tfci.core.reasons import Reason
from tfci.core.tft import Tft
from tfci.grid import nodes as grid, registry
from tfci.grid.models import Drain, Node, NodeSelection

MINUTE = 60_000  # milliseconds
SIZE = 30  # nodes on a page
CHANGES = 8
WELL = "up=true&healthy=true"  # where the finder begins


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A node with what a VM of the chosen size costs there a minute. `steal` in thousandths, of our VMs
    that run there now."""

    node: Node
    minute: Tft | None
    dollars: Decimal | None
    steal: float | None

    @property
    def tried(self) -> int:
        return self.node.deploys + self.node.failures

    @property
    def last_failure(self) -> Reason | None:
        return last_failure.reason(self.node)

    @property
    def percent(self) -> float:
        return 100 * self.node.deploys / self.tried

    @property
    def memory(self) -> int:
        """GB."""
        return self.node.total_mru // 1024

    @property
    def free_memory(self) -> int:
        return self.node.free_mru // 1024

    @property
    def line(self) -> tuple[int, int]:
        """Down and up, Mbit/s, as the node measured them."""
        return self.node.download // 10**6, self.node.upload // 10**6

    @property
    def boot(self) -> float | None:
        """Seconds, the median."""
        return median(self.node.boot_ms) / 1000 if self.node.boot_ms else None

    @property
    def boot_p95(self) -> float | None:
        times = self.node.boot_ms
        return quantiles(times, n=20, method="inclusive")[-1] / 1000 if len(times) > 1 else self.boot


@dataclass(frozen=True, slots=True)
class Spot:
    """A country on the map: how many of the nodes that were found stand there, and about where: x and y in degrees
    from the upper left corner of the world, None where nobody told."""

    country: str
    count: int
    x: float | None
    y: float | None

    @property
    def radius(self) -> float:
        return round(min(2 + self.count**0.5 / 2, 9), 1)


@requires("nodes.read")
def nodes(request: TeamRequest) -> HttpResponse:
    """Those that keep the filters; those that are well before anything is asked for. With htmx only what was found."""
    now, at = timezone.now(), quotes.prices(registry.network(), request.team.pk)
    form = filter_form(request.GET)
    sound = form.is_valid()
    prices = form.prices(at) if "size" in form.cleaned_data else {}
    of_the_grid = Node.objects.filter(network=registry.network())
    found = form.narrow(of_the_grid, prices, now) if sound else of_the_grid.none()
    drained = Exists(Drain.objects.of(request.team).filter(node=OuterRef("pk")))
    shown = found.select_related("farm").annotate(drained=drained)
    may_pool = may(request.role, "pools.change")
    page, spots = _page(shown, form, request.GET), spots_of(found)
    context = {
        "form": form,
        "page": page,
        "rows": rows(page.items, prices, at),
        "found": sum(spot.count for spot in spots),
        "spots": spots,
        "places": places(of_the_grid),
        "elsewhere": _elsewhere(request.GET),
        "at": at,
        "made_of": price_parts.of_size(form.cleaned_data["size"], at) if prices and at else None,
        "sizes": NAMED,
        "well": WELL,
        "kept": NodeSelection.objects.of(request.team),
        "changes": grid.changes(registry.network())[:CHANGES],
        "may_pool": may_pool,
        "pool_form": _pool_form(request) if may_pool else "",
    }
    return render(
        request, "runners/nodes/list.html#found" if request.htmx else "runners/nodes/list.html", context
    )


def _pool_form(request: TeamRequest) -> str:
    """The address of the pool's form that asked for nodes; "" where none did."""
    pool = request.GET.get("pool", "")
    if pool == "new":
        return reverse("pool_new", args=[request.team.slug])
    return reverse("pool_edit", args=[request.team.slug, pool]) if re.fullmatch("[0-9]{1,18}", pool) else ""


def filter_form(query: QueryDict) -> NodeFilterForm:
    """What the address asks for, else the nodes that are well."""
    is_filtered = any(name in query for name in NodeFilterForm.base_fields)
    return NodeFilterForm(query if is_filtered else QueryDict(WELL))


def _elsewhere(query: QueryDict) -> str:
    """The same search of every country, from its first page."""
    rest = query.copy()
    for name in ("country", "older", "newer", "from"):
        rest.pop(name, None)
    return rest.urlencode() or WELL


def _page(found: QuerySet[Node], form: NodeFilterForm, query: QueryDict) -> paging.RowPage[Node]:
    if form.order:
        return paging.by_place(found.order_by(*form.order), query, SIZE)
    return paging.page(found, query, SIZE)


def rows(found: Iterable[Node], prices: dict[bool, Tft], at: quotes.Reading | None) -> list[NodeRow]:
    """`prices` an hour by whether a node is certified, `at` the chain's when they were read. One query."""
    found = list(found)
    alive = VM.objects.filter(node__in=found).alive()
    steal = metrics.stolen(alive) if found else {}
    return [_row(node, prices, at, steal.get(node.pk)) for node in found]


def _row(node: Node, prices: dict[bool, Tft], at: quotes.Reading | None, steal: float | None) -> NodeRow:
    minute = pricing.cost(prices[node.certified], MINUTE) if prices else None
    return NodeRow(node, minute, dollars(minute, at) if minute is not None and at else None, steal)


def spots_of(found: QuerySet[Node]) -> list[Spot]:
    """The countries of what was found, the fullest first. One query."""
    where = found.order_by().values("country").annotate(n=Count("pk"), x=Avg("longitude"), y=Avg("latitude"))
    fullest_first = sorted(where, key=lambda row: (-row["n"], row["country"]))
    return [Spot(row["country"], row["n"], *_place(row["x"], row["y"])) for row in fullest_first]


def _place(longitude: float | None, latitude: float | None) -> tuple[float | None, float | None]:
    if longitude is None or latitude is None:
        return None, None
    return round(longitude + 180, 1), round(90 - latitude, 1)


def dollars(amount: Tft, at: quotes.Reading) -> Decimal:
    """For people to compare, never charged; `at` is a reading of the chain's prices."""
    return Decimal(pricing.usd(amount, at.tft_musd)).scaleb(-7)


def places(of_the_grid: QuerySet[Node]) -> dict[str, list[str]]:
    """The regions and countries that the grid has nodes in."""
    pairs = set(of_the_grid.order_by().values_list("region", "country").distinct())
    return {
        "regions": sorted({region for region, _ in pairs if region}),
        "countries": sorted({country for _, country in pairs if country}),
    }
