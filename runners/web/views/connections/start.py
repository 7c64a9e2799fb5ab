"""The way to a team's first job: four steps that tick themselves, the line to copy, and a job to try it with."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Exists
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from billing import pricing, quotes
from runners import gateways
from runners.connections import onboarding
from runners.jobs.labels import NAMED, Size, SizeLimits, read
from runners.models import VM, Job, Pool
from runners.pools import changes
from runners.queue import nudges
from runners.reasons.labels import LabelReason
from runners.web.views.jobs.rows import board, rows
from runners.web.views.nodes.list import MINUTE
from tfci.accounts.access import check, may, requires
from tfci.accounts.models import Team
from tfci.accounts.requests import TeamRequest
from tfci.core.tft import Tft
from tfci.forges import registry as forges
from tfci.forges.errors import ForgeError
from tfci.forges.models import Connection
from tfci.forges.ports.forge import KeepsFiles
from tfci.grid import registry


@dataclass(frozen=True, slots=True)
class Offer:
    """A size that the pool serves, with what a minute of it costs."""

    name: str
    size: Size
    minute: Tft | None


@dataclass(frozen=True, slots=True)
class SetupProgress:
    """How far a team has come."""

    connections: list[Connection]
    pool: Pool | None
    job: Job | None  # the newest that passed, else the newest; it knows if any `passed` or `came_up`

    @property
    def heard_at(self) -> datetime | None:
        """When we last heard of the organisations, however."""
        return max(
            filter(
                None,
                (
                    one
                    for connection in self.connections
                    for one in (connection.last_webhook_at, connection.last_polled_at)
                ),
            ),
            default=None,
        )

    @property
    def steps(self) -> tuple[bool, ...]:
        return (
            bool(self.connections),
            self.pool is not None,
            self.job is not None,
            bool(self.job and self.job.passed),  # type: ignore[attr-defined]  # asked beside it
        )

    @property
    def done(self) -> int:
        return sum(self.steps)

    @property
    def present(self) -> int:
        """The number of the first step that is not done; 5 when all are."""
        return next((n for n, done in enumerate(self.steps, 1) if not done), len(self.steps) + 1)


def way(team: Team) -> SetupProgress:
    """Three queries, or four."""
    connections = linked(team)
    pools = Pool.objects.of(team).filter(closing_at=None, connections__in=connections)
    passed = Job.objects.of(team).filter(conclusion="success")
    came_up = VM.objects.filter(team=team).exclude(claimed_at=None)
    newest = board(team).annotate(passed=Exists(passed), came_up=Exists(came_up)).order_by("-pk")
    job = newest.first()
    if job and job.passed and job.conclusion != "success":
        job = newest.filter(conclusion="success").first()
    return SetupProgress(connections, pools.order_by("position", "pk").first(), job)


def linked(team: Team) -> list[Connection]:
    """Whose jobs are taken, the first one first."""
    alive = Connection.objects.of(team).filter(disconnecting_at=None, disconnected_at=None)
    return list(alive.order_by("connected_at", "pk"))


@requires("jobs.read")
def start(request: TeamRequest) -> HttpResponse:
    """The steps. `?size=` writes another line to copy. With htmx only what changes."""
    now, found = timezone.now(), way(request.team)
    offers = _offers(found.pool, quotes.prices(registry.network(), request.team.pk))
    size = next((offer for offer in offers if offer.name == request.GET.get("size")), offers[0])
    syntax, labels = onboarding.syntax_for(found.connections), onboarding.labels(found.pool, size.name)
    context = {
        "way": found,
        "row": rows([found.job], now)[0] if found.job else None,
        "offers": offers,
        "size": size,
        "written": syntax,
        "asks": syntax.asks(labels),
        "change": syntax.change(labels),
        "may_link": may(request.role, "connections.change"),
        "may_pool": may(request.role, "pools.change"),
    }
    return render(
        request,
        "runners/connections/start.html#steps" if request.htmx else "runners/connections/start.html",
        context,
    )


def _offers(pool: Pool | None, at: quotes.Reading | None) -> list[Offer]:
    """The sizes with a name that it serves; its own first one where it serves none of them."""
    sizes = NAMED
    if pool:
        sizes = {name: size for name, size in NAMED.items() if isinstance(_answer(pool, name), Size)}
        sizes = sizes or {pool.sizes[0]: Size.parse(pool.sizes[0])}
    return [Offer(name, size, _minute(size, at)) for name, size in sizes.items()]


def _answer(pool: Pool, size: str) -> Size | LabelReason:
    """What the pool says to a job of that size."""
    most = SizeLimits.over(map(Size.parse, pool.sizes))
    return read([*pool.anchors, size], pool.anchors, settings.ANCHOR, NAMED["small"], most)


def _minute(size: Size, at: quotes.Reading | None) -> Tft | None:
    """On a node that is not certified; those cost more."""
    return pricing.cost(quotes.per_hour(size, at, certified=False), MINUTE) if at else None


@require_POST
@requires("pools.change")
def default_pool(request: TeamRequest) -> HttpResponse:
    """Made with one click: any node, named sizes, nothing kept ready."""
    connections = linked(request.team)
    if not connections:
        messages.error(request, gettext("Connect a forge first. A pool takes jobs of your connections."))
        return redirect("start", request.team.slug)
    try:
        pool, effects = onboarding.make_pool(request.team, connections, request.user, timezone.now())
    except changes.PoolNameTaken:
        messages.error(
            request,
            gettext("A pool named {name} already exists. Edit it, or create another pool.").format(
                name=onboarding.NAME
            ),
        )
        return redirect("pools", request.team.slug)
    nudges.follow(effects)
    messages.success(
        request, gettext("The pool {pool} is created. It takes jobs from now on.").format(pool=pool.name)
    )
    return redirect("start", request.team.slug)


@requires("jobs.read")
def test_job(request: TeamRequest, pk: int) -> HttpResponse:
    """What would be sent to a repository of an organisation, and where; then send it, where its token may."""
    connection = get_object_or_404(Connection.objects.of(request.team).filter(disconnecting_at=None), pk=pk)
    pool = (
        Pool.objects.of(request.team)
        .filter(closing_at=None, connections=connection)
        .order_by("position", "pk")
        .first()
    )
    labels = onboarding.labels(pool, pool.default_size if pool else "")
    path, text = onboarding.file(connection, labels)
    context = {
        "connection": connection,
        "pool": pool,
        "text": text,
        "path": path,
        "code_host": forges.kind(connection.forge).code_host,
    }
    if request.method == "POST":
        check(request, "connections.change")
        if _sent(request, connection, labels):
            return redirect("start", request.team.slug)
    choice = _choice(connection) if may(request.role, "connections.change") else {}
    return render(request, "runners/connections/test_job.html", context | choice)


def _choice(connection: Connection) -> dict[str, Any]:
    """The repositories that a job can be sent to; none, with the reason, where it can't."""
    if not forges.kind(connection.forge).implements(KeepsFiles):
        return {"repositories": []}
    try:
        forge = gateways.GATEWAYS.forge_that(connection, KeepsFiles)
        return {"repositories": forge.repositories() if forge.may_propose() else []}
    except ForgeError as error:
        return {"trouble": str(error)}


def _sent(request: TeamRequest, connection: Connection, labels: list[str]) -> bool:
    """Send it and say what came of it."""
    repository, now = request.POST.get("repository", ""), timezone.now()
    try:
        onboarding.send_test_job(connection, repository, labels, gateways.GATEWAYS, request.user, now)
    except ForgeError as error:
        messages.error(request, gettext("Nothing was sent: {error}").format(error=error))
        return False
    messages.success(
        request,
        gettext("A test job was sent to {repository}. This page detects it.").format(repository=repository),
    )
    return True
