"""Teams whose people must sign in with two factors, and pages that ask for the second one again. (How a factor is set
up is allauth's.)"""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import wraps
from typing import TypeVar, cast

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin
from django.utils.http import urlencode
from django.utils.translation import gettext

from tfci.accounts.models import Team, User
from tfci.accounts.requests import SignedInRequest

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
FRESH = timedelta(minutes=10)  # how long a page stays open that asked for the second factor


class TeamNeedsTwoFactors(MiddlewareMixin):
    """Leads whoever has no second factor to where it is set up. Stands after the middleware that finds the team."""

    def process_view(
        self,
        request: SignedInRequest,
        view: Callable[..., HttpResponseBase],
        args: Sequence[str],
        kwargs: Mapping[str, object],
    ) -> HttpResponse | None:
        team = request.team
        if team is None or not team.needs_two_factors or has(request.user):
            return None
        messages.warning(
            request,
            gettext("{team} requires a second factor. Set one up, then continue.").format(team=team.name),
        )
        return redirect("mfa_index")


def has(user: User) -> bool:
    return Authenticator.objects.filter(user=user, type__in=FACTORS).exists()


def having(team: Team) -> set[int]:
    """The ids of the people of a team who have a second factor."""
    people = team.memberships.values("user")
    found = Authenticator.objects.filter(user__in=people, type__in=FACTORS)
    return set(found.values_list("user", flat=True))


def asked_again(view: View) -> View:
    """Decorates a page that only opens to who has entered a second factor in this session a moment ago."""

    @wraps(view)
    def checked(request: SignedInRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not has(request.user):
            messages.warning(
                request, gettext("This page needs a second factor. Set one up, then open it again.")
            )
            return redirect("mfa_index")
        if not _is_fresh(request):
            return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': request.path})}")
        return view(request, *args, **kwargs)

    return cast(View, checked)


def _is_fresh(request: SignedInRequest) -> bool:
    entered = [
        one["at"] for one in get_authentication_records(request, request.user) if one["method"] == "mfa"
    ]
    return bool(entered) and time.time() - max(entered) < FRESH.total_seconds()
