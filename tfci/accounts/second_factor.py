"""Teams whose people must sign in with two factors. (How a factor is set up is allauth's.)"""

from collections.abc import Callable, Mapping, Sequence

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext

from tfci.accounts.models import Team, User
from tfci.accounts.requests import SignedInRequest

FACTORS = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]


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
