"""Requests as our middleware and the API's door hand them to views. Types alone: at run time each is Django's own."""

from typing import TYPE_CHECKING

from django.http import HttpRequest

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails

    from tfci.accounts.models import Membership, Team, Token, User


class SiteRequest(HttpRequest):
    """Any request: for a page without a team, or an anonymous user, `team` and `role` are None."""

    team: "Team | None"
    role: str | None
    memberships: "list[Membership]"
    is_private: bool
    htmx: "HtmxDetails"
    csp_nonce: str


class SignedInRequest(SiteRequest):
    """For a page that requires sign-in."""

    user: "User"


class TeamRequest(SignedInRequest):
    """Of a page of a team, by one of its people."""

    team: "Team"
    role: str


class TokenRequest(SiteRequest):
    """Of the API, by a team's token; `role` is its scope."""

    team: "Team"
    role: str
    auth: "Token"
