"""Which team: home, the list of one's teams, a new one."""

from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext

from tfci.accounts import navigation, teams
from tfci.accounts.forms import TeamForm
from tfci.accounts.requests import SignedInRequest


def home(request: SignedInRequest) -> HttpResponse:
    """To the team last looked at, else to any; people without one may found one."""
    membership = navigation.Shell(request).membership
    if membership is None:
        return redirect("teams")
    return redirect(navigation.front(membership.team))


def all_teams(request: SignedInRequest) -> HttpResponse:
    """The teams one belongs to, and the form for a new one."""
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if refused := ratelimit.consume_or_429(request, action="found_team"):
            return refused
        try:
            team = teams.begin(form.cleaned_data["name"], request.user, timezone.now())
        except teams.NotAllowed as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, gettext("{team} is created. You are its owner.").format(team=team.name))
            return redirect(navigation.front(team))
    return render(request, "accounts/teams.html", {"form": form})
