"""Where a pool's VMs may go: the nodes in play in the order in which they are asked, and why others are not; and
what it would do with a job."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from statistics import median

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext

from billing import pricing, quotes
from runners.jobs import matching
from runners.jobs.labels import Size, wants_arm
from runners.models import Pool
from runners.pools import kept_ready, overlaps
from runners.reasons.nodes import NodeCode, NodeReason
from runners.vms import last_failure, placement, supply
from runners.web.views.nodes.list import MINUTE, dollars
from runners.web.views.pools import fit
from runners.web.views.pools.pages import one
from tfci.accounts.access import may, requires
from tfci.accounts.requests import TeamRequest
from tfci.core.list_prices.current import GITHUB
from tfci.core.optional import present
from tfci.core.tft import Tft
from tfci.forges.models import Connection
from tfci.grid import registry
from tfci.grid.models import Node

IN_PLAY, OUT = 6, 4  # nodes that are shown
LABELS = 20  # of a job that is tried


@dataclass(frozen=True, slots=True)
class PoolNodeRow:
    """A node as its pool sees it. `look`, `drawing` and `use` are its state, `boot` is in seconds."""

    node: Node
    look: str
    drawing: str
    use: str
    why: str
    vms: int
    drained: bool = False

    @property
    def tried(self) -> int:
        return self.node.deploys + self.node.failures

    @property
    def percent(self) -> float | None:
        return 100 * self.node.deploys / self.tried if self.tried else None

    @property
    def boot(self) -> float | None:
        return median(self.node.boot_ms) / 1000 if self.node.boot_ms else None


@requires("pools.read")
def where(request: TeamRequest, pk: int) -> HttpResponse:
    """With htmx only the nodes."""
    pool, now = get_object_or_404(Pool.objects.of(request.team).select_related("team"), pk=pk), timezone.now()
    choice = supply.choice(pool)
    at = quotes.prices(registry.network(), pool.team_id)
    found = fit.compute(
        choice, Size.parse(pool.default_size), pool.min_vms, kept_ready.schedule(pool), at, now
    )
    context = {
        "pool": pool,
        "fit": found,
        "overlaps": overlaps.find(pool, pool.connections.all()),
        "rows": rows(pool, choice, found, now),
        "may_drain": may(request.role, "nodes.drain"),
        "deploys": _how(choice),
    }
    page = "runners/pools/nodes.html#nodes" if request.htmx else "runners/pools/nodes.html"
    return render(request, page, context)


def _how(choice: placement.Choice) -> str:
    """In which way VMs come to its nodes, where the grid makes a difference; "" where it makes none."""
    if not registry.one_by_one():
        return ""
    if choice.within is None:
        return gettext(
            "VMs are deployed one after another, about a minute each. This grid deploys many at once only if it "
            "can choose the nodes."
        )
    return gettext(
        "Up to 20 VMs are deployed at once on nodes that the grid chooses. A VM that fails is retried on the "
        "first node of this list."
    )


def rows(pool: Pool, choice: placement.Choice, found: fit.Fit, now: datetime) -> list[PoolNodeRow]:
    """In play in the order in which they are asked; then those that the pool chose and that are out. Two queries."""
    here = Counter(supply.occupied([pool.pk])[pool.pk])
    packs = choice.packs(len(here))
    by_rank = sorted(found.in_play, key=lambda node: placement.rank(node, here[node.id], now, packs=packs))
    shown = by_rank[:IN_PLAY]
    out = _chosen_but_out(found)
    wanted = [node.id for node in shown] + [node.id for node, _ in out]
    nodes = Node.objects.filter(pk__in=wanted).select_related("farm").in_bulk()
    made = [_in_play(nodes[node.id], _lacks(node, found.size, now), here[node.id]) for node in shown]
    return made + [_out(nodes[node.id], why, here[node.id]) for node, why in out]


def _chosen_but_out(found: fit.Fit) -> list[tuple[placement.NodeCapacity, NodeReason]]:
    """Those that the team drains and those that failed lately first, for somebody may want to know."""
    out = [pair for pair in found.why_out.items() if pair[1].code != NodeCode.NOT_CHOSEN]
    out.sort(key=lambda pair: (pair[1].code != NodeCode.DRAINED, -pair[0].failures, pair[0].node_id))
    return out[:OUT]


def _lacks(node: placement.NodeCapacity, size: Size, now: datetime) -> tuple[str, str]:
    """In what it falls short, as a word and a sentence; both "" where it doesn't."""
    if lacks := fit.lacks(node, size):
        return gettext("Full"), lacks
    if placement.crowded(node, now):
        return (
            gettext("Crowded"),
            gettext("{steal:.0f} % CPU steal: used only after all other nodes").format(
                steal=present(node.steal) / 10
            ),
        )
    return "", ""


def _in_play(node: Node, lacks: tuple[str, str], vms: int) -> PoolNodeRow:
    if lacks[0]:
        return PoolNodeRow(node, "queued", "clock", *lacks, vms)
    why = gettext("{memory:,} GB of memory and {disk:,} GB of disk free").format(
        memory=node.free_mru // 1024, disk=node.free_sru
    )
    return PoolNodeRow(
        node,
        "success",
        "check",
        gettext("Eligible"),
        gettext("{why}, certified").format(why=why) if node.certified else why,
        vms,
    )


def _out(node: Node, why: NodeReason, vms: int) -> PoolNodeRow:
    if why.code == NodeCode.DRAINED:
        use, text = gettext("Drained"), gettext("The team lets no VM start on it")
        return PoolNodeRow(node, "cancelled", "minus", use, text, vms, drained=True)
    failed = node.blocked_until is not None and node.up and node.healthy
    look, drawing, use = (
        ("failure", "alert-triangle", gettext("Set aside"))
        if failed
        else ("cancelled", "minus", gettext("Excluded"))
    )
    failure = last_failure.reason(node) if failed else None
    reason_text = f"{why}: {failure}" if failure else str(why)
    return PoolNodeRow(node, look, drawing, use, f"{reason_text[:1].upper()}{reason_text[1:]}", vms)


# --- Labels that are tried ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FitAnswer:
    """What would become of a job: which pool takes it with which size on which node, or `why` none does."""

    pool: Pool | None
    why: str = ""
    size: Size | None = None
    node: placement.NodeCapacity | None = None
    minute: Tft | None = None
    dollars: Decimal | None = None
    github: Decimal | None = None


@requires("pools.read")
def try_labels(request: TeamRequest, pk: int) -> HttpResponse:
    """`?labels=` as one writes them behind runs-on. With htmx only the question with its answer."""
    pool = one(request, pk)
    labels = [word for word in request.GET.get("labels", "").replace(",", " ").split() if word.strip("[]")]
    labels = [word.strip("[]\"'") for word in labels[:LABELS]]
    connection = next((connection for connection in pool.connections.all() if connection.alive), None)
    answer = answer_to(connection, pool, labels, timezone.now()) if connection and labels else None
    context = {
        "pool": pool,
        "asked": request.GET.get("labels", "")[:500],
        "connection": connection,
        "answer": answer,
    }
    page = "runners/pools/try.html#try" if request.htmx else "runners/pools/try.html"
    facts = {"as_of": GITHUB.as_of, "emulated": any(map(wants_arm, labels))}
    return render(request, page, context | facts)


def answer_to(connection: Connection, pool: Pool, labels: Iterable[str], now: datetime) -> FitAnswer:
    """Of all the team's pools in their order, for a repository that this pool takes. Nothing is changed."""
    repository = pool.repositories[0] if pool.repositories else f"{connection.name}/any"
    found = matching.match(connection, repository, labels, matching.pools_of(connection))
    if found.reason or found.pool is None:
        return FitAnswer(found.pool, str(found.reason))
    size = Size.parse(found.size)
    placed = _placed(found.pool, size, now)
    if not placed.on:
        reason = placed.reasons[0]
        return (
            FitAnswer(found.pool, str(reason))
            if reason.permanent
            else FitAnswer(found.pool, gettext("it would wait: {reason}").format(reason=reason), size)
        )
    return _priced(found.pool, size, placed.on[0])


def _placed(pool: Pool, size: Size, now: datetime) -> placement.Placed:
    request_vm = supply.request(pool.pk, size, quotes.prices(registry.network(), pool.team_id))
    choices: dict[placement.Chooser, placement.Choice] = {pool.pk: supply.choice(pool)}
    return placement.place([request_vm], choices, supply.nodes_now(), supply.occupied([pool.pk]), now)


def _priced(pool: Pool, size: Size, node: placement.NodeCapacity) -> FitAnswer:
    at, cpu = quotes.prices(registry.network(), pool.team_id), GITHUB.fits(size.cpu)
    minute = pricing.cost(quotes.per_hour(size, at, certified=node.certified), MINUTE) if at else None
    return FitAnswer(
        pool,
        size=size,
        node=node,
        minute=minute,
        dollars=dollars(minute, at) if minute is not None and at else None,
        github=GITHUB.per_minute[cpu] if cpu else None,
    )
