"""The first page."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tfci.accounts.views import teams
from tfci.grid import connect


@login_not_required
def front(request: HttpRequest) -> HttpResponse:
    """What this is, for strangers; people who are signed in go to their team."""
    if request.user.is_authenticated:
        return teams.home(request)
    return render(
        request, "site/landing.html", {"grant": settings.GRANT, "simulated": connect.network() == "simulated"}
    )
