"""What is linked: how well we hear of its jobs; linking, checking and unlinking."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias, TypeVar

from django.contrib import messages
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from runners import gateways
from runners.connections import health, health_facts, linking
from runners.models import VM, Job, Pool, Runner
from runners.queue import nudges
from runners.servers import runs
from runners.web.forms import ConnectionForm, ConnectionTokenForm, ReachForm
from runners.web.views.jobs.rows import board, rows
from tfci.accounts.access import may, requires
from tfci.accounts.models import Team, User
from tfci.accounts.requests import TeamRequest
from tfci.forges import registry
from tfci.forges.errors import ForgeError
from tfci.forges.models import Connection, GitHubApp
from tfci.forges.ports.forge import KeepsFiles

Value = TypeVar("Value")
ConnectionChange: TypeAlias = Callable[[Connection, Value, gateways.Gateways, User, datetime], Connection]

SHOWN = 10  # jobs of one organisation


def linked(team: Team) -> QuerySet[Connection]:
    return Connection.objects.of(team).filter(disconnected_at=None).order_by("name")


@requires("connections.read")
def connections(request: TeamRequest) -> HttpResponse:
    now = timezone.now()
    rows = [
        {"health": each, "forge": registry.kind(each.connection.forge).title}
        for each in health.assess(health_facts.counted(linked(request.team), now), now)
    ]
    context = {"rows": rows, "may_link": may(request.role, "connections.change")}
    return render(request, "runners/connections/list.html", context)


@requires("connections.change")
def link(request: TeamRequest) -> HttpResponse:
    """The form for one kind of forge (`?forge=`, or `?server=` for the one that runs on a server of the team), with a
    sentence for each thing that its forge lacks. No link fills in another address: a token would go there."""
    first = {"forge": request.GET.get("forge", next(iter(registry.KINDS)))}
    form = ConnectionForm(request.POST or None, initial=first | _fields_of_server(request))
    missing = []
    if request.method == "POST" and form.is_valid():
        try:
            made = linking.connect(
                request.team, form.cleaned_data, gateways.GATEWAYS, request.user, timezone.now()
            )
        except ForgeError as error:
            missing = str(error).splitlines()
        else:
            messages.success(request, gettext("{connection} is connected.").format(connection=made.name))
            if not Job.objects.of(request.team).exists():
                return redirect("start", request.team.slug)
            return redirect("connection", request.team.slug, made.pk)
    by_app = bool(form.kind.guide.app_page) and GitHubApp.objects.exists()
    context = {"form": form, "missing": missing, "kinds": registry.KINDS, "by_app": by_app}
    return render(request, "runners/connections/new.html", context)


def _fields_of_server(request: TeamRequest) -> dict[str, str]:
    number = request.GET.get("server", "")
    if not (number.isdecimal() and len(number) < 19):
        return {}
    vms = VM.objects.filter(server=int(number), server__team=request.team).select_related("server")
    newest = vms.order_by("-pk").first()
    return runs.forge_fields(newest) if newest else {}


@requires("connections.read")
def connection(request: TeamRequest, pk: int) -> HttpResponse:
    now = timezone.now()
    found = get_object_or_404(_whole(linked(request.team), now), pk=pk)
    kind = registry.kind(found.forge)
    [assessed] = health.assess([found], now)
    context = {
        "connection": found,
        "forge": kind.title,
        "webhooks": kind.webhooks,
        "keeps_files": kind.implements(KeepsFiles),
        "scopes": kind.guide.scopes[found.level],
        "token_end": gettext(kind.guide.token_lifetime),
        "health": assessed,
        "findings": [(one.label, one.reason, health.look(one.reason)) for one in found.typed_findings],
        "rows": rows(board(request.team).filter(connection=found).order_by("-pk")[:SHOWN], now),
        "token": ConnectionTokenForm(),
        "reach": ReachForm(found),
        "may_link": may(request.role, "connections.change"),
    }
    return render(request, "runners/connections/detail.html", context)


def _whole(connections: QuerySet[Connection], now: datetime) -> QuerySet[Connection]:
    """With all that one's page counts, in one query."""
    pools = Pool.objects.filter(connections=OuterRef("pk"), closed_at=None).order_by("position")
    named = pools.values(json=JSONObject(pk="pk", name="name"))
    open_runners = (
        Runner.objects.filter(connection=OuterRef("pk"), deregistered_at=None).order_by().values("connection")
    )
    count = Subquery(open_runners.annotate(all=Count("pk")).values("all"))
    return health_facts.counted(connections, now).annotate(
        taken_by=ArraySubquery(named), open_runners=Coalesce(count, 0)
    )


@require_POST
@requires("connections.change")
def check(request: TeamRequest, pk: int) -> HttpResponse:
    """Look at the forge again, now."""
    found = get_object_or_404(linked(request.team), pk=pk)
    try:
        trouble = linking.check(found, gateways.GATEWAYS, timezone.now()).problem_text
    except ForgeError as error:
        trouble = str(error)
    if trouble:
        messages.error(request, trouble)
    else:
        messages.success(
            request,
            gettext("{connection} is healthy: the token has all required permissions.").format(
                connection=found.name
            ),
        )
    return redirect("connection", request.team.slug, found.pk)


@require_POST
@requires("connections.change")
def renew(request: TeamRequest, pk: int) -> HttpResponse:
    """Another token in place of the present one, once it proves to be enough."""
    found, form = get_object_or_404(linked(request.team), pk=pk), ConnectionTokenForm(request.POST)
    if form.is_valid():
        change = linking.renew, found, form.cleaned_data["token"]
        _answer(request, *change, done=gettext("The new token is in use."))
    else:
        messages.error(request, gettext("Paste the new token first."))
    return redirect("connection", request.team.slug, found.pk)


@require_POST
@requires("connections.change")
def reach(request: TeamRequest, pk: int) -> HttpResponse:
    """Trust another authority, put runners into another group."""
    found = get_object_or_404(linked(request.team), pk=pk)
    form = ReachForm(found, request.POST)
    if form.is_valid():
        _answer(request, linking.change, found, form.cleaned_data, done=gettext("The settings are saved."))
    else:
        messages.error(request, " ".join(str(one) for errors in form.errors.values() for one in errors))
    return redirect("connection", request.team.slug, found.pk)


@require_POST
@requires("connections.change")
def listen(request: TeamRequest, pk: int) -> HttpResponse:
    """By webhook and poll, or by polling only."""
    found, way = get_object_or_404(linked(request.team), pk=pk), request.POST.get("way", "")
    if way in Connection.Way:
        done_messages = {
            "poll": gettext("Jobs are found by polling only."),
            "webhook": gettext("The webhook is created. Polling continues as a fallback."),
        }
        _answer(request, linking.set_way, found, way, done=done_messages[way])
    return redirect("connection", request.team.slug, found.pk)


def _answer(
    request: TeamRequest, change: ConnectionChange[Value], connection: Connection, value: Value, done: str
) -> None:
    """Carry it out at the forge and say what came of it."""
    try:
        problem = change(connection, value, gateways.GATEWAYS, request.user, timezone.now()).problem_text
    except ForgeError as error:
        problem = str(error)
    if problem:
        messages.error(request, problem)
    else:
        messages.success(request, done)


@requires("connections.change")
def disconnect(request: TeamRequest, pk: int) -> HttpResponse:
    """Ask, saying what happens, then begin to drain it."""
    found = get_object_or_404(linked(request.team), pk=pk)
    if request.method == "POST":
        if linking.disconnect(found, request.user, timezone.now()):
            nudges.sweep_connection(found.pk)
        messages.success(
            request,
            gettext("{connection} is being disconnected. This completes when its last job has ended.").format(
                connection=found.name
            ),
        )
        return redirect("connections", request.team.slug)
    return render(
        request,
        "confirm.html",
        {
            "title": gettext("Disconnect {connection}?").format(connection=found.name),
            "text": gettext(
                "Queued jobs are refused immediately; running jobs can finish. Then Farmhand removes its "
                "webhook, runners and signpost from the forge and deletes the token. The job history and costs "
                "are kept."
            ),
            "verb": gettext("Disconnect"),
            "back": reverse("connection", args=[request.team.slug, found.pk]),
        },
    )
