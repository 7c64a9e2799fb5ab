"""Move workflows here: what would change in a repository, as a difference, as a patch and as a pull request."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext

from runners import gateways
from runners.connections import onboarding, workflow_migration
from runners.web.forms.workflow_migration import MoveForm
from tfci.accounts.access import requires
from tfci.accounts.requests import TeamRequest
from tfci.forges.errors import ForgeError
from tfci.forges.models import Connection
from tfci.forges.ports.forge import KeepsFiles


@requires("connections.change")
def move(request: TeamRequest, pk: int) -> HttpResponse:
    """The choice; with one in the address, what would change. A POST agrees to what was seen."""
    connection, context = _connection(request, pk), {}
    try:
        forge = gateways.GATEWAYS.forge_that(connection, KeepsFiles)
        form = MoveForm(connection, _repositories(connection, forge), request.GET or None)
        if form.is_bound and form.is_valid():
            context = _shown(connection, form, forge)
            if request.method == "POST" and (sent := _send(request, connection, form, context["moves"])):
                return sent
    except ForgeError as error:
        form, context = MoveForm(connection, []), {"trouble": str(error)}
    return render(
        request,
        "runners/connections/workflow_migration.html",
        {"connection": connection, "form": form} | context,
    )


@requires("connections.change")
def patch(request: TeamRequest, pk: int) -> HttpResponse:
    """The same difference, for `git apply`."""
    connection = _connection(request, pk)
    try:
        forge = gateways.GATEWAYS.forge_that(connection, KeepsFiles)
        form = MoveForm(connection, _repositories(connection, forge), request.GET)
        if form.is_valid():
            return _download(
                workflow_migration.patch_of(_look(connection, form, forge)), form.cleaned_data["repository"]
            )
    except ForgeError as error:
        messages.error(request, str(error))
    return redirect("connection_migrate", request.team.slug, connection.pk)


def _connection(request: TeamRequest, pk: int) -> Connection:
    alive = Connection.objects.of(request.team).filter(disconnecting_at=None, disconnected_at=None)
    return get_object_or_404(alive.select_related("team", "installation__app"), pk=pk)


def _repositories(connection: Connection, forge: KeepsFiles) -> list[str]:
    return [connection.name] if connection.level == Connection.Level.REPO else forge.repositories()


def _labels(form: MoveForm) -> list[str]:
    return onboarding.labels(form.cleaned_data["pool"], form.cleaned_data["size"])


def _look(connection: Connection, form: MoveForm, forge: KeepsFiles) -> list[workflow_migration.Move]:
    values = form.cleaned_data
    return workflow_migration.preview(
        connection, values["repository"], _labels(form), forge, every=values["every"]
    )


def _shown(connection: Connection, form: MoveForm, forge: KeepsFiles) -> dict[str, Any]:
    moves = _look(connection, form, forge)
    return {
        "repository": form.cleaned_data["repository"],
        "moves": moves,
        "jobs": sum(move.changes for move in moves),
        "files": sum(bool(move.changes) for move in moves),
        "seal": workflow_migration.seal(moves),
        "may_write": connection.may_write is not False,
    }


def _send(
    request: TeamRequest, connection: Connection, form: MoveForm, moves: list[workflow_migration.Move]
) -> HttpResponse | None:
    """Where to go on; None where the reader has to look again."""
    if request.POST.get("seal") != workflow_migration.seal(moves):
        messages.error(request, gettext("The workflows changed since the preview. This is the new preview."))
        return None
    repository = form.cleaned_data["repository"]
    where = workflow_migration.send(
        connection, repository, _labels(form), moves, gateways.GATEWAYS, request.user, timezone.now()
    )
    link = format_html('<a href="{}" rel="noreferrer">{}</a>', where, where)
    messages.success(request, format_html(gettext("The pull request is open: {}"), link))
    return redirect("connection", request.team.slug, connection.pk)


def _download(text: str, repository: str) -> HttpResponse:
    answer = HttpResponse(text, content_type="text/x-patch; charset=utf-8")
    name = "".join(one if one.isalnum() or one in "-_." else "-" for one in repository)
    answer["Content-Disposition"] = f'attachment; filename="farmhand-{name}.patch"'
    return answer
