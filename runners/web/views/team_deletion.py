"""The page that deletes a team. What can be paid out is asked about first: with the team, nobody of it reaches it any
more."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext

from billing import wallets
from billing.withdrawals import requests
from runners.metering import charges
from runners.web.forms import TeamDeletionForm
from tfci.accounts import teams
from tfci.accounts.access import requires
from tfci.accounts.requests import TeamRequest
from tfci.core.tft import Tft


@requires("team.close")
def delete(request: TeamRequest) -> HttpResponse:
    """Ask for the team's name and what becomes of its TFT, then begin to drain it. An open withdrawal comes first."""
    team, now = request.team, timezone.now()
    if team.closing_at:
        return redirect("team_settings", team.slug)
    if withdrawal := requests.open_of(team):
        status = 422 if request.method == "POST" else 200
        return render(request, "runners/team_delete.html", {"withdrawal": withdrawal}, status=status)
    payable = charges.payable(wallets.for_team(team).pk, now)
    staying = payable if payable > requests.highest_fee() else Tft()
    form = TeamDeletionForm(request.POST or None, name=team.name, staying=staying)
    if request.method == "POST" and form.is_valid():
        teams.close(team, request.user, now)
        messages.success(request, gettext("{team} is being deleted.").format(team=team))
        return redirect("team_settings", team.slug)
    return render(request, "runners/team_delete.html", {"form": form, "staying": staying})
