"""Linking by an App of GitHub: the person goes there, proves what is theirs, comes back and chooses.

What was begun, and what was proven, lies in the person's own session: nobody else can come back with it.
"""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from runners import gateways
from runners.connections import linking
from runners.models import Job
from runners.queue import nudges
from tfci.accounts.access import check, requires
from tfci.accounts.requests import SignedInRequest, TeamRequest
from tfci.accounts.tenancy import memberships_of
from tfci.core.optional import present
from tfci.core.vault import same
from tfci.forges.errors import ForgeError
from tfci.forges.github_apps import app_registry, installations
from tfci.forges.models import GitHubApp
from tfci.forges.ports.github_app import InstallationClaim

BEGUN, PROVEN = "github_begun", "github_proven"  # in the session
LASTS = timedelta(minutes=15)  # so long is either good
MAX_CHOICES = 300  # things that somebody may choose from
STALE = gettext_lazy(
    "This sign-in was not started here, or it is older than 15 minutes. Start again from your team’s page."
)
REQUESTED = gettext_lazy(
    "GitHub asked an owner to install the App. When it is installed, select “Already installed”."
)
NOTHING = gettext_lazy(
    "There is nothing at GitHub that you can connect with this App. You must be an owner or a runner manager of "
    "an organization, or an admin of a repository, where the App is installed and which is not connected yet."
)


@requires("connections.change")
def github(request: TeamRequest) -> HttpResponse:
    """The Apps there are, and what the person has just proven to own."""
    proven = _proven(request, timezone.now())
    if request.method == "POST":
        return _link(request, proven)
    app = GitHubApp.objects.filter(pk=proven["app"]).first() if proven else None
    free = installations.free(app, proven["claims"]) if app and proven else []
    context = {"apps": GitHubApp.objects.order_by("reach", "url"), "proven": app, "claims": free}
    return render(request, "runners/connections/github.html", context)


def _link(request: TeamRequest, proven: dict[str, Any] | None) -> HttpResponse:
    wanted = request.POST.get("name")
    claim = next((one for one in proven["claims"] if one.name == wanted), None) if proven else None
    if proven is None or claim is None:
        messages.error(request, STALE)
        return redirect("github", request.team.slug)
    app = get_object_or_404(GitHubApp, pk=proven["app"])
    try:
        made = linking.connect_by_app(request.team, app, claim, request.user, timezone.now())
    except ForgeError as error:
        messages.error(request, str(error))
        return redirect("github", request.team.slug)
    nudges.refresh_token(present(made.installation_id))
    messages.success(
        request,
        gettext("{connection} is connected. Its first check is running.").format(connection=made.name),
    )
    if not Job.objects.of(request.team).exists():
        return redirect("start", request.team.slug)
    return redirect("connection", request.team.slug, made.pk)


@requires("connections.change")
def install(request: TeamRequest, app: int) -> HttpResponse:
    """Off to GitHub's page that installs the App."""
    return _leave(request, app, app_registry.install_address)


@requires("connections.change")
def sign_in(request: TeamRequest, app: int) -> HttpResponse:
    """Off to GitHub's page that asks who one is, where the App is installed already."""
    return _leave(request, app, app_registry.sign_in_address)


def _leave(request: TeamRequest, app: int, address: Callable[[GitHubApp, str], str]) -> HttpResponse:
    found, state = get_object_or_404(GitHubApp, pk=app), secrets.token_urlsafe(24)
    begun = {"state": state, "team": request.team.slug, "app": found.pk, "at": timezone.now().isoformat()}
    request.session[BEGUN] = begun
    return redirect(address(found, state))


def back(request: SignedInRequest) -> HttpResponse:
    """Back from GitHub, with a code that says who one is there."""
    now, begun = timezone.now(), request.session.pop(BEGUN, None)
    if not _is_ours(begun, request.GET.get("state", ""), now):
        raise PermissionDenied(STALE)
    entered = _enter(request, begun["team"])
    if code := request.GET.get("code"):
        _prove(entered, get_object_or_404(GitHubApp, pk=begun["app"]), code, now)
    else:
        messages.info(request, REQUESTED)
    return redirect("github", begun["team"])


def _is_ours(begun: Mapping[str, Any] | None, state: str, now: datetime) -> bool:
    return begun is not None and same(begun["state"], state) and _is_fresh(begun["at"], now)


def _enter(request: SignedInRequest, slug: str) -> TeamRequest:
    """Meanwhile the person may have left the team, or lost the right."""
    known = next((one for one in memberships_of(request) if one.team.slug == slug), None)
    if known is None:
        raise Http404(gettext("This page does not exist."))
    request.team, request.role = known.team, known.role
    check(request, "connections.change")
    return cast(TeamRequest, request)


def _prove(request: TeamRequest, app: GitHubApp, code: str, now: datetime) -> None:
    """Ask GitHub what is theirs, and keep it in the session; the token that told is not kept."""
    try:
        claims = gateways.GATEWAYS.app(app).claims(code, app_registry.back())
    except ForgeError as error:
        messages.error(request, str(error))
        return
    kept = [[one.installation_id, one.name] for one in installations.free(app, claims)[:MAX_CHOICES]]
    request.session[PROVEN] = {
        "app": app.pk,
        "team": request.team.slug,
        "at": now.isoformat(),
        "claims": kept,
    }
    if not kept:
        messages.error(request, NOTHING)


def _proven(request: TeamRequest, now: datetime) -> dict[str, Any] | None:
    """What is still good of it in this team, or None."""
    kept = request.session.get(PROVEN)
    if not kept or kept["team"] != request.team.slug or not _is_fresh(kept["at"], now):
        return None
    return {"app": kept["app"], "claims": [InstallationClaim(*one) for one in kept["claims"]]}


def _is_fresh(at: str, now: datetime) -> bool:
    return now - datetime.fromisoformat(at) < LASTS
