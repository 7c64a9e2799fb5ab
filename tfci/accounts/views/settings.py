"""A team's settings: its name, its time zone, its requirements, its owner, and whether it is kept after
all. (runners/web/views/team_deletion.py deletes it.)"""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from tfci.accounts import access, second_factor, teams
from tfci.accounts.forms import BillingDetailsForm, HandOverForm, TeamForm, TeamZoneForm
from tfci.accounts.requests import TeamRequest
from tfci.accounts.views.members import actor_of


@access.requires("team.change")
def settings(request: TeamRequest) -> HttpResponse:
    people = request.team.memberships.count()
    return render(
        request,
        "accounts/settings.html",
        {
            "form": TeamForm(initial={"name": request.team.name}),
            "zone_form": TeamZoneForm(initial={"time_zone": request.team.time_zone}),
            "details_form": BillingDetailsForm(initial={"details": request.team.billing_details}),
            "people": people,
            "safe": len(second_factor.having(request.team)),
            "may_close": access.may(request.role, "team.close"),
        },
    )


@require_POST
@access.requires("team.change")
def rename(request: TeamRequest) -> HttpResponse:
    form = TeamForm(request.POST)
    if form.is_valid():
        teams.rename(request.team, form.cleaned_data["name"], request.user, timezone.now())
        messages.success(request, gettext("The name is saved."))
    else:
        messages.error(request, " ".join(map(str, form.errors["name"])))
    return redirect("team_settings", request.team.slug)


@require_POST
@access.requires("team.change")
def time_zone(request: TeamRequest) -> HttpResponse:
    form = TeamZoneForm(request.POST)
    if form.is_valid():
        teams.change_time_zone(request.team, form.cleaned_data["time_zone"], request.user, timezone.now())
        messages.success(request, gettext("The time zone is saved."))
    else:
        messages.error(request, gettext("Choose a time zone from the list."))
    return redirect("team_settings", request.team.slug)


@require_POST
@access.requires("team.change")
def billing_details(request: TeamRequest) -> HttpResponse:
    form = BillingDetailsForm(request.POST)
    if form.is_valid():
        details = form.cleaned_data["details"]
        teams.change_billing_details(request.team, details, request.user, timezone.now())
        messages.success(request, gettext("The billing details are saved."))
    else:
        messages.error(request, gettext("Shorten the billing details to 500 characters."))
    return redirect("team_settings", request.team.slug)


@require_POST
@access.requires("team.change")
def two_factors(request: TeamRequest) -> HttpResponse:
    """Require two factors, or no longer; nobody can lock themselves out by it."""
    needed = request.POST.get("needed") == "yes"
    if needed and not second_factor.has(request.user):
        messages.error(request, gettext("Set up your own second factor first."))
        return redirect("mfa_index")
    teams.need_two_factors(request.team, needed, request.user, timezone.now())
    text = gettext("{team} no longer requires a second factor.")
    if needed:
        text = gettext("{team} now requires a second factor.")
    messages.success(request, text.format(team=request.team))
    return redirect("team_settings", request.team.slug)


@access.requires("team.close")
def hand_over(request: TeamRequest) -> HttpResponse:
    people = request.team.memberships.select_related("user").exclude(user=request.user)
    form = HandOverForm(request.POST or None, people=people.order_by("user__email"))
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data["person"]
        try:
            teams.hand_over(chosen, actor_of(request), timezone.now())
        except teams.NotAllowed as error:
            messages.error(request, str(error))
            return redirect("team", request.team.slug)
        messages.success(
            request,
            gettext("{user} now owns {team}. You are an admin.").format(user=chosen.user, team=request.team),
        )
        return redirect("team", request.team.slug)
    return render(request, "accounts/hand_over.html", {"form": form, "alone": not people})


@require_POST
@access.requires("team.close")
def keep(request: TeamRequest) -> HttpResponse:
    if teams.cancel_deletion(request.team, request.user, timezone.now()):
        messages.success(
            request,
            gettext(
                "The deletion of {team} is canceled. Pools and connections that were already removed stay removed."
            ).format(team=request.team),
        )
    return redirect("team_settings", request.team.slug)
