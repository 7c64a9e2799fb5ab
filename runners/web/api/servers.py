"""Servers: deploy an app, read what became of it, delete it. What is said is checked by the form that pages use."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from ninja import Query, Router, Schema, Status
from pydantic import Field

from runners.models import Server
from runners.queue import nudges
from runners.servers import catalogue, reconcile
from runners.web.api import lists, problems
from runners.web.api.access import Bearer
from runners.web.api.pools import Nodes
from runners.web.api.schemas import ReasonShown, Said, Tft, Time, reason_shown
from runners.web.forms import ServerForm
from runners.web.forms.servers import PREFIX
from tfci.accounts.requests import TokenRequest

router = Router()
READ, CHANGE = Bearer("servers.read"), Bearer("servers.change")


class ServerNew(Said):
    name: str
    app: str = Field(description="Name of the app in the catalog: GET /apps.")
    size: str = Field(description="One of the app's.")
    nodes: Nodes = Nodes()
    answers: dict[str, str] = Field(
        {}, description="Values that the app requires, by name. Stored encrypted, never shown."
    )


class ServerShown(Schema):
    id: int
    name: str
    app: str
    size: str
    nodes: dict[str, Any]
    state: str = Field(description="State of its newest VM; wanted if it has none.")
    reason: ReasonShown | None = Field(description="Why it has no VM, or what its VM waits for.")
    address: str = Field(description="Address of its app; empty while it does not answer.")
    vm: int | None = Field(description="Its newest VM.")
    per_hour: Tft | None
    cost: Tft = Field(description="Total of all its VMs so far.")
    created_at: Time
    closing_at: Time | None = Field(description="When its deletion started.")
    closed_at: Time | None


@router.get("", auth=READ, response={200: lists.Page[ServerShown]} | problems.responses())
def list_servers(request: TokenRequest, query: Query[lists.ListQuery]) -> dict[str, Any]:
    """All servers that are not deleted, newest first."""
    return lists.page(request, _theirs(request).filter(closed_at=None), query, _all_shown)


@router.post("", auth=CHANGE, response={201: ServerShown} | problems.responses(*problems.BODY, 409))
def make_server(request: TokenRequest, body: ServerNew) -> Status[dict[str, Any]]:
    """Its VM is deployed immediately. Generated secrets are only shown on its page."""
    app = catalogue.find(body.app)
    if app is None:
        raise problems.invalid({"app": ["This app is not in the catalog. GET /apps lists all apps."]})
    form = ServerForm(request.team, app, _as_data(body))
    problems.validated(form, {PREFIX + ask.name: f"answers.{ask.name}" for ask in app.asks} | NAMES)
    try:
        made = reconcile.create(form.server(), app, form.answers(), request.auth, timezone.now())
    except reconcile.NotDeployable as error:
        raise problems.Stop(409, str(error)) from None
    except reconcile.ServerNameTaken:
        taken = "A server with this name already exists. Choose another name."
        raise problems.invalid({"name": [taken]}, 409) from None
    nudges.keep_server(made.pk)
    return Status(201, shown(made))


@router.get("/{int:pk}", auth=READ, response={200: ServerShown} | problems.responses(404))
def read_server(request: TokenRequest, pk: int) -> dict[str, Any]:
    return shown(lists.one(_theirs(request), "server", pk=pk))


@router.delete("/{int:pk}", auth=CHANGE, response={202: ServerShown} | problems.responses(404))
def delete_server(request: TokenRequest, pk: int) -> Status[dict[str, Any]]:
    """Delete the server immediately, with its VM and all data."""
    server = lists.one(_theirs(request), "server", pk=pk)
    if reconcile.end(server, request.auth, timezone.now()):
        nudges.keep_server(server.pk)
    return Status(202, shown(lists.one(_theirs(request), "server", pk=pk)))


NAMES = {field: f"nodes.{key}" for field, key in ServerForm.NODES.items()} | {
    key: f"nodes.rule.{key}" for key in ServerForm.RULE
}


def _theirs(request: TokenRequest) -> QuerySet[Server]:
    return Server.objects.of(request.team).select_related("team")


def _as_data(body: ServerNew) -> dict[str, Any]:
    """JSON under the names of the form's fields."""
    answers = {PREFIX + name: text for name, text in body.answers.items()}
    return {"name": body.name, "size": body.size} | ServerForm.nodes_of(body.nodes.model_dump()) | answers


def _all_shown(rows: list[Server]) -> list[dict[str, Any]]:
    return [shown(server) for server in rows]


def shown(server: Server) -> dict[str, Any]:
    vm = reconcile.current_vm(server)
    known = reconcile.cost(server, vm, timezone.now())
    plain = ("id", "name", "app", "size", "nodes", "created_at", "closing_at", "closed_at")
    return {name: getattr(server, name) for name in plain} | {
        "state": vm.state if vm else "wanted",
        "reason": reason_shown(server.typed_reason or (vm.typed_reason if vm else None)),
        "address": reconcile.address(vm),
        "vm": vm.pk if vm else None,
        "per_hour": known.per_hour,
        "cost": known.so_far,
    }
