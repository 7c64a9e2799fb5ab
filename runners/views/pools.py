"""A team's pools: their order, one with what it decided and where it may go, and the form with its live answer."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.db.models import Count
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from billing import ledger, pricing, quotes
from runners import deploys, tasks
from runners import pools as deeds
from runners.forms import PoolForm
from runners.models import VM, Event, Job, Pool
from runners.rules import placement
from runners.rules.labels import NAMED, Size
from runners.views.dashboard import runs_on
from runners.views.rows import board, rows
from runners.views.nodes import MINUTE, dollars, places
from tfci.accounts.access import may, requires
from tfci.grid import connect
from tfci.grid.models import Node
from tfci.tft import Tft

DECISIONS = 30
SHOWN = 20  # jobs of one pool
BEST = 10  # nodes of one pool


@dataclass(frozen=True, slots=True)
class Fit:
    """What a choice of nodes comes to: those in play, those that have room for the size, and why others are out."""

    size: Size
    in_play: list[placement.Node]
    with_room: int
    out: list[tuple[str, int]]
    least: Tft | None  # a minute of the size
    most: Tft | None
    dollars: object = None


def fit(chosen: dict, size: Size, now: datetime) -> Fit:
    """Over all nodes of the grid. Two queries."""
    choice, at = placement.Choice.read(chosen), quotes.prices(connect.network())
    why = {node: placement.why_out(node, choice, now) for node in deploys.nodes_now()}
    in_play = [node for node, reason in why.items() if not reason]
    kinds = {node.certified for node in in_play} if at else set()
    prices = [pricing.cost(quotes.per_hour(size, at, certified=kind), MINUTE) for kind in kinds]
    least = min(prices, default=None)
    return Fit(
        size,
        in_play,
        sum(has_room(node, size) for node in in_play),
        Counter(filter(None, why.values())).most_common(),
        least,
        max(prices, default=None),
        dollars(least, at) if least is not None else None,
    )


def has_room(node: placement.Node, size: Size) -> bool:
    memory, disk = node.free_mru >= 1024 * size.memory_gb, node.free_sru >= size.disk_gb
    return node.total_cru >= size.cpu and memory and disk


# --- Reading ------------------------------------------------------------------------------------------------------


def of(team):
    """In the order in which they are asked, those that are being drained last."""
    return Pool.objects.of(team).filter(closed_at=None).order_by("closing_at", "position", "pk")


@requires("pools.read")
def pools(request):
    found = of(request.team).prefetch_related("orgs")
    alive = VM.objects.filter(team=request.team).exclude(state=VM.State.GONE)
    machines = dict(alive.values_list("pool").annotate(Count("pk")).order_by())
    still_open = Job.objects.of(request.team).filter(state__in=[Job.State.QUEUED, Job.State.IN_PROGRESS])
    waiting = dict(still_open.values_list("pool").annotate(Count("pk")).order_by())
    context = {
        "rows": [(pool, machines.get(pool.pk, 0), waiting.get(pool.pk, 0)) for pool in found],
        "may_change": may(request.role, "pools.change"),
    }
    return render(request, "runners/pools.html", context)


@requires("pools.read")
def pool(request, pk):
    """One pool. With htmx only what changes."""
    found = one(request, pk)
    context = whole(found, timezone.now()) | {"may_change": may(request.role, "pools.change")}
    return render(request, "runners/pool.html#live" if request.htmx else "runners/pool.html", context)


def one(request, pk) -> Pool:
    found = get_object_or_404(Pool.objects.of(request.team).prefetch_related("orgs"), pk=pk)
    found.team = request.team
    return found


def whole(pool: Pool, now: datetime) -> dict:
    """What changes while one looks: its machines and open jobs, and what it decided."""
    alive = VM.objects.filter(pool=pool).exclude(state=VM.State.GONE).select_related("node")
    still_open = board(pool.team).filter(pool=pool).exclude(state=Job.State.COMPLETED)
    spent = [row for row in ledger.spent_by_pool(pool.team, pool.created_at) if row["pool_id"] == pool.pk]
    return {
        "pool": pool,
        "label": runs_on(pool),
        "machines": list(alive.order_by("-pk")[: pool.max_vms]),
        "rows": rows(still_open.order_by("-pk")[:SHOWN], now),
        "events": list(Event.objects.filter(pool=pool, vm=None).order_by("-id")[:DECISIONS]),
        "spent": Tft(sum(row["amount"] for row in spent)),
        "spent_on_jobs": Tft(sum(row["amount"] for row in spent if row["use"] == "job")),
        "live": pool.closed_at is None,
    }


@requires("pools.read")
def where(request, pk):
    """The nodes in play, those with the longest record first, and why how many others are out. With htmx only these."""
    found = one(request, pk)
    chosen = fit(found.nodes, Size.parse(found.default_size), timezone.now())
    best = sorted(chosen.in_play, key=lambda node: (-node.deploys, node.node_id))[:BEST]
    rows = Node.objects.filter(pk__in=[node.id for node in best]).select_related("farm")
    nodes = sorted(rows, key=lambda node: (-node.deploys, node.node_id))
    page = "runners/pool_nodes.html#nodes" if request.htmx else "runners/pool_nodes.html"
    return render(request, page, {"pool": found, "fit": chosen, "nodes": nodes})


# --- Changing -----------------------------------------------------------------------------------------------------


@requires("pools.change")
def new(request):
    """`?node=` may come several times, from the finder."""
    chosen = [int(text) for text in request.GET.getlist("node") if text.isdecimal() and len(text) < 19]
    last = of(request.team).count()
    draft = Pool(team=request.team, nodes={"ids": chosen} if chosen else {}, position=last)
    return _edit(request, draft, deeds.make, "It takes jobs from now on.")


@requires("pools.change")
def edit(request, pk):
    found = get_object_or_404(of(request.team), pk=pk, closing_at=None)
    return _edit(request, found, deeds.change, "The change counts from now on.")


def _edit(request, pool: Pool, deed, done: str):
    """The form; with htmx, or by its second button, only the answer to what is chosen now."""
    form = PoolForm(request.team, request.POST or None, pool=pool)
    if not pool.pk:
        form.initial["orgs"] = _only(form.fields["orgs"].queryset)
    asks = request.htmx or "ask" in request.POST
    if request.method == "POST" and not asks and form.is_valid() and _save(request, form, deed, done):
        return redirect("pool", request.team.slug, form.instance.pk)
    context = {
        "form": form,
        "pool": pool,
        "fit": _fit(form, pool, timezone.now()),
        "wrong": [sentence for name in _choice(form) & set(form.errors) for sentence in form.errors[name]],
        "places": places(Node.objects.filter(network=connect.network())),
        "sizes": NAMED,
        "asks": asks,
    }
    return render(
        request, "runners/pool_form.html#fit" if request.htmx else "runners/pool_form.html", context
    )


def _only(orgs) -> list:
    """Chosen beforehand where there is no choice."""
    found = list(orgs[:2])
    return found if len(found) == 1 else []


def _fit(form: PoolForm, pool: Pool, now: datetime) -> Fit | None:
    """None while the nodes or the default size make no sense: then their fields say why."""
    if not form.is_bound:
        return fit(pool.nodes, Size.parse(pool.default_size), now)
    form.is_valid()
    if _choice(form) & set(form.errors):
        return None
    return fit(form.instance.nodes, Size.parse(form.cleaned_data["default_size"]), now)


def _choice(form: PoolForm) -> set[str]:
    """The fields that say which nodes fit."""
    return {"default_size", *form.NODES, *form.RULE}


def _save(request, form: PoolForm, deed, done: str) -> bool:
    try:
        news = deed(form.instance, form.cleaned_data["orgs"], request.user, timezone.now())
    except deeds.Taken:
        form.add_error("name", "A pool of this name is there already. Choose another name.")
        return False
    tasks.follow(news)
    messages.success(request, f"{form.instance.name} is saved. {done}")
    return True


@require_POST
@requires("pools.change")
def move(request, pk, step):
    """One place up or down in the order in which pools are asked."""
    found = get_object_or_404(of(request.team), pk=pk, closing_at=None)
    tasks.follow(deeds.move(found, step, request.user, timezone.now()))
    return redirect("pools", request.team.slug)


@requires("pools.change")
def close(request, pk):
    """Ask, saying what happens, then begin to drain it."""
    found = get_object_or_404(of(request.team), pk=pk)
    if request.method == "POST":
        tasks.follow(deeds.close(found, request.user, timezone.now()))
        messages.success(request, f"{found.name} takes no more jobs, and goes when its last machine is gone.")
        return redirect("pools", request.team.slug)
    busy = VM.objects.filter(pool=found, state=VM.State.BUSY).count()
    runs = f"{busy} {'job runs' if busy == 1 else 'jobs run'} to the end first. " if busy else ""
    return render(
        request,
        "confirm.html",
        {
            "title": f"Close the pool {found.name}?",
            "text": f"It takes no more jobs at once; those that wait go to your other pools, or are refused. {runs}"
            "All its other machines are removed. Its history and what it cost stay.",
            "verb": "Close the pool",
            "back": reverse("pool", args=[request.team.slug, found.pk]),
        },
    )
