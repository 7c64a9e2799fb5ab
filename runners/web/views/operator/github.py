"""The operator's Apps of GitHub: which there are, and how one is made."""

import secrets
from collections.abc import Mapping
from typing import Any, cast

from csp.decorators import csp_update
from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Max, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_POST

from runners.web.forms import authority_field
from tfci.accounts.access import operator
from tfci.accounts.requests import SignedInRequest
from tfci.core.names import NameField
from tfci.core.vault import same
from tfci.forges import authority, connections
from tfci.forges.errors import ForgeError, ForgeRefused
from tfci.forges.github_apps import app_registry, operator_apps
from tfci.forges.models import GitHubApp, ScaleSet
from tfci.forges.models.connection import unguessable

BEGUN = "github_app"  # in the session
STALE = gettext_lazy("This was not started here. Start on the operator’s GitHub page.")
RIGHTS = {
    GitHubApp.Reach.ORG: (
        gettext_lazy(
            "Creates runners of an organization and reads its runs. It can’t read or change code. Recommended."
        )
    ),
    GitHubApp.Reach.REPO: (
        gettext_lazy(
            "Creates runners of single repositories, for people without an organization. GitHub requires the "
            "“administration” permission for that, which allows changing and deleting the repository."
        )
    ),
}


class AuthorityForm(forms.Form):
    authority = authority_field()

    def clean_authority(self) -> str:
        try:
            return connections.trusted(self.cleaned_data["authority"], timezone.now())
        except ForgeRefused as refused:
            raise ValidationError(str(refused)) from None


class AppForm(AuthorityForm):
    reach = forms.ChoiceField(
        label=gettext_lazy("Permissions"),
        choices=[(reach, f"{reach.label.capitalize()}. {RIGHTS[reach]}") for reach in GitHubApp.Reach],
        initial=GitHubApp.Reach.ORG,
        widget=forms.RadioSelect,
    )
    url = forms.CharField(
        label="GitHub",
        max_length=300,
        initial="https://github.com",
        help_text=gettext_lazy("Or the address of your Enterprise Server."),
    )
    owner = forms.SlugField(
        label=gettext_lazy("Owner"),
        required=False,
        max_length=100,
        help_text=gettext_lazy("The organization that will own the App. Empty: you own it."),
    )
    name = NameField(
        label=gettext_lazy("Name"),
        max_length=34,
        help_text=gettext_lazy("Must be unique on GitHub. People see it when they install the App."),
    )

    field_order = ("reach", "url", "owner", "name", "authority")

    def clean(self) -> dict[str, Any]:
        """There is one App at most for each GitHub and reach."""
        cleaned = super().clean() or {}
        if cleaned.get("url") and cleaned.get("reach"):
            try:
                cleaned["url"] = app_registry.site(cleaned["url"])
                operator_apps.refuse_taken(cleaned["url"], cleaned["reach"])
            except ForgeError as error:
                self.add_error("url", str(error))
        return cleaned


@operator
def github(request: SignedInRequest) -> HttpResponse:
    """The Apps, and the form; sent off, it leads to GitHub with what the App is to be."""
    form = AppForm(request.POST if request.method == "POST" else None, initial={"name": settings.NAME})
    if request.method == "POST" and form.is_valid():
        return _go(request, **form.cleaned_data)
    alive = Q(installations__connections__isnull=False, installations__connections__disconnected_at=None)
    made = GitHubApp.objects.annotate(connections=Count("installations__connections", filter=alive)).order_by(
        "url", "reach"
    )
    own = [(app, authority.known(app.authority), _own(app)) for app in made if app.authority]
    context = {
        "apps": made,
        "form": form,
        "own": own,
        "hook": f"{settings.URL}/hooks/…",
        "sets": _scale_sets(),
    }
    return render(request, "operator/github.html", context, status=422 if form.errors else 200)


def _scale_sets() -> dict[str, Any] | None:
    """How many there are, and how they do; None where they are off and none is left."""
    counts = {
        "all": Count("pk"),
        "wrong": Count("pk", filter=~Q(problem="")),
        "last_message_at": Max("last_message_at"),
    }
    counts_of_sets = ScaleSet.objects.aggregate(connections=Count("connection", distinct=True), **counts)
    if not settings.SCALE_SETS and not counts_of_sets["all"]:
        return None
    worst = ScaleSet.objects.exclude(problem="").order_by("pk").only("problem", "problem_params").first()
    return {"on": settings.SCALE_SETS, "worst": worst and worst.typed_problem, **counts_of_sets}


def _go(
    request: SignedInRequest, url: str, reach: str, owner: str, name: str, **kept: object
) -> HttpResponse:
    """A form that posts the manifest to GitHub; this page alone may send one there."""
    state, address = secrets.token_urlsafe(24), unguessable()
    request.session[BEGUN] = {"state": state, "url": url, "reach": reach, "address": address, **kept}
    context = {
        "action": app_registry.new_address(url, owner, state),
        "manifest": app_registry.manifest(name, address, reach),
        "reach": GitHubApp.Reach(reach),
        "rights": RIGHTS[GitHubApp.Reach(reach)],
        "url": url,
    }
    answer = csp_update({"form-action": [url]})(render)  # type: ignore[arg-type]  # of more arguments
    return cast(HttpResponse, answer(request, "operator/github_go.html", context))  # type: ignore[call-arg]


@operator
def made(request: SignedInRequest) -> HttpResponse:
    """Back from GitHub, with a code for the App's keys."""
    begun = request.session.pop(BEGUN, None)
    if not begun or not same(begun["state"], request.GET.get("state", "")):
        raise PermissionDenied(STALE)
    values = begun["url"], begun["reach"], begun["address"], request.GET.get("code", "")
    try:
        app = operator_apps.make(*values, request.user, timezone.now(), begun["authority"])
    except ForgeError as error:
        messages.error(request, str(error))
    else:
        messages.success(
            request, gettext("The App {app} is created. Teams can connect with it now.").format(app=app.name)
        )
    return redirect("operator_github")


def _own(app: GitHubApp, data: Mapping[str, Any] | None = None) -> AuthorityForm:
    """One of several on a page."""
    form = AuthorityForm(data, prefix=f"app{app.pk}")
    form.fields["authority"].required = True
    return form


@operator
@require_POST
def trust(request: SignedInRequest, pk: int) -> HttpResponse:
    """Another authority in place of one that ends, for an App whose GitHub has its own."""
    app = get_object_or_404(GitHubApp.objects.exclude(authority=""), pk=pk)
    form = _own(app, request.POST)
    if form.is_valid():
        operator_apps.trust(app, form.cleaned_data["authority"], request.user, timezone.now())
        messages.success(request, gettext("The certificate for {url} is saved.").format(url=app.url))
    else:
        messages.error(request, " ".join(map(str, form.errors["authority"])))
    return redirect("operator_github")
