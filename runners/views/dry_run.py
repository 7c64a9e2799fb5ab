"""What a pool would deploy now: which nodes, for how much, and as which file for tfrobot. Nothing is spent."""

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Max
from django.shortcuts import render
from django.utils import timezone

from runners import rehearsals, robots
from runners.forms import DryRunForm
from runners.models import Pool
from runners.rules.labels import NAMED
from runners.views.nodes import dollars
from runners.views.pools import one
from tfci.accounts.access import requires
from tfci.grid import connect
from tfci.grid.models import Node
from tfci.tft import Tft


@dataclass(frozen=True, slots=True)
class Line:
    """Machines that are alike: of one size, for one purpose, on one node or waiting for one thing."""

    machine: rehearsals.Machine
    node: Node | None
    count: int
    per_hour: Tft | None
    dollars: Decimal | None


@requires("pools.read")
def dry_run(request, pk):
    """`?jobs=` more jobs of `size=`, which may be 0: without it only the question, for the answer asks the database as
    much as deciding and placing do. With htmx only the answer."""
    pool, now = one(request, pk), timezone.now()
    asked = "jobs" in request.GET
    form = DryRunForm(pool, request.GET)
    context = {"pool": pool, "form": form, "sizes": [word for word in pool.sizes if word in NAMED]}
    context["asked"] = asked
    if asked and form.is_valid():
        context |= whole(pool, rehearsals.rehearse(pool, now, form.imagined))
    page = "runners/pool_dry_run.html#answer" if request.htmx else "runners/pool_dry_run.html"
    return render(request, page, context)


def whole(pool: Pool, found: rehearsals.Rehearsal) -> dict:
    """All that the answer shows."""
    at, (file, no_file) = found.prices, robots.tried(pool, found.sizes)
    return {
        "found": found,
        "sent": lines(found.sent, at),
        "waiting": lines(found.waiting, at),
        "dollars": dollars(found.per_hour, at) if found.sent else None,
        "file": file,
        "no_file": no_file,
        "nodes_at": Node.objects.filter(network=connect.network()).aggregate(at=Max("seen_at"))["at"],
    }


def lines(machines: list[rehearsals.Machine], at) -> list[Line]:
    """One query."""
    counts = Counter(machines)
    wanted = {machine.node.id for machine in counts if machine.node}
    nodes = Node.objects.filter(pk__in=wanted).select_related("farm").in_bulk()
    return [_line(machine, nodes, count, at) for machine, count in counts.items()]


def _line(machine: rehearsals.Machine, nodes: dict, count: int, at) -> Line:
    cost = Tft(count * machine.per_hour) if machine.per_hour is not None else None
    node = nodes.get(machine.node.id) if machine.node else None
    return Line(machine, node, count, cost, dollars(cost, at) if cost is not None else None)
