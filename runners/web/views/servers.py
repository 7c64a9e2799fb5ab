"""A team's servers: the list, one with its address, its cost and what happened, and its end."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from runners.models import VM, Event, Server
from runners.queue import nudges
from runners.servers import catalogue, reconcile, runs
from runners.servers.catalogue import apps
from runners.web.forms import GoneForm
from tfci.accounts.access import may, requires
from tfci.accounts.requests import TeamRequest
from tfci.core.optional import present
from tfci.forges import addresses
from tfci.forges.models import Connection
from tfci.grid import registry

EVENTS = 50
BEFORE = 10  # VMs of one server that are gone


@requires("servers.read")
def servers(request: TeamRequest) -> HttpResponse:
    """Those that are not gone, newest first. With htmx only the list."""
    found = list(Server.objects.of(request.team).filter(closed_at=None).order_by("-pk"))
    vms = _newest(found)
    context = {
        "rows": [_row(server, vms.get(server.pk)) for server in found],
        "may_change": may(request.role, "servers.change"),
    }
    return render(
        request, "runners/servers/list.html#live" if request.htmx else "runners/servers/list.html", context
    )


def _newest(found: list[Server]) -> dict[int, VM]:
    """Each server's newest VM, in one query."""
    rows = VM.objects.filter(server__in=found).order_by("server", "-pk").distinct("server")
    return {present(vm.server_id): vm for vm in rows.select_related("node", "quote", "server")}


def _row(server: Server, vm: VM | None) -> dict[str, Any]:
    app = catalogue.find(server.app)
    return {"server": server, "vm": vm, "app": app, "address": reconcile.address(vm)}


@requires("servers.read")
def server(request: TeamRequest, pk: int) -> HttpResponse:
    """One server. With htmx only what changes."""
    found, now = one(request, pk), timezone.now()
    context = whole(found, now) | {
        "may_change": may(request.role, "servers.change"),
        "may_reveal": may(request.role, "servers.reveal"),
        "may_link": may(request.role, "connections.change"),
    }
    return render(
        request,
        "runners/servers/detail.html#live" if request.htmx else "runners/servers/detail.html",
        context,
    )


def one(request: TeamRequest, pk: int) -> Server:
    return get_object_or_404(Server.objects.of(request.team).select_related("team"), pk=pk)


def whole(server: Server, now: datetime) -> dict[str, Any]:
    """All that its page shows."""
    vms = list(server.vms.select_related("node__farm", "quote", "server").order_by("-pk")[: BEFORE + 1])
    vm, app = next(iter(vms), None), catalogue.find(server.app)
    address = reconcile.address(vm)
    return {
        "server": server,
        "cost": reconcile.cost(server, vm, now),
        "app": app,
        "vm": vm,
        "run": runs.current(vm) if vm else None,
        "address": address,
        "steps": [apps.fill(text, runs.variables(vm)) for text in app.steps]
        if app and vm and address
        else [],
        "secrets": _described_secrets(server, app),
        "link": _link(server, vm) if vm and address else None,
        "before": vms[1:],
        "events": list(Event.objects.filter(vm__server=server).order_by("-id")[:EVENTS]),
        "live": server.closed_at is None,
    }


def _described_secrets(server: Server, app: apps.App | None) -> list[str]:
    """What there is to be seen by who may, in words."""
    return [apps.fill(text, _open_words(server, app)) for text in app.secrets.values()] if app else []


def _open_words(server: Server, app: apps.App) -> dict[str, str]:
    return {name: text for name, text in server.settings.items() if name not in apps.secret_placeholders(app)}


def _link(server: Server, vm: VM) -> dict[str, Any] | None:
    """The way to the form that connects it, filled with its address; None for what is no forge or has none yet."""
    fields = runs.forge_fields(vm)
    if not fields:
        return None
    url = fields["url"]
    linked = Connection.objects.of(server.team).filter(url__iexact=url, disconnected_at=None).first()
    return {
        "href": f"{reverse('connection_new', args=[server.team.slug])}?{urlencode({'server': server.pk})}",
        "linked": linked,
        "refused": registry.on_this_host() and not addresses.may_call(url),
    }


@never_cache
@require_POST
@requires("servers.reveal")
def reveal(request: TeamRequest, pk: int) -> HttpResponse:
    """Its secrets, once for each time that somebody asks, which the audit log keeps."""
    found = one(request, pk)
    app = present(catalogue.find(found.app))
    seen = reconcile.reveal(found, request.user, timezone.now())
    secrets = [(apps.fill(app.secrets[name], _open_words(found, app)), text) for name, text in seen.items()]
    return render(request, "runners/servers/secrets.html", {"server": found, "secrets": secrets})


@requires("servers.change")
def delete(request: TeamRequest, pk: int) -> HttpResponse:
    """Ask for its name, then take it down."""
    found = one(request, pk)
    if found.closing_at:
        text = gettext("{server} is already being deleted.")
        if found.closed_at:
            text = gettext("{server} is already deleted.")
        messages.info(request, text.format(server=found.name))
        return redirect("server", request.team.slug, found.pk)
    form = GoneForm(request.POST or None, name=found.name)
    if request.method == "POST" and form.is_valid():
        if reconcile.end(found, request.user, timezone.now()):
            nudges.keep_server(found.pk)
        messages.success(
            request, gettext("{server} is being deleted with all its data.").format(server=found.name)
        )
        return redirect("servers", request.team.slug)
    return render(
        request,
        "runners/servers/delete.html",
        {"form": form, "server": found, "app": catalogue.find(found.app)},
    )
