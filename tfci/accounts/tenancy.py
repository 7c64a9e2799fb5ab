"""Whose is it: every row of a customer belongs to a team, every page of a team names it in the URL."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from django.db import models
from django.http import Http404, HttpResponseBase
from django.utils.cache import patch_cache_control
from django.utils.deprecation import MiddlewareMixin
from django.utils.translation import gettext

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from tfci.accounts.models import Membership, Team, User
    from tfci.accounts.requests import SiteRequest

Row = TypeVar("Row", bound=models.Model)
View = Callable[..., HttpResponseBase]


class TeamManager(models.Manager[Row]):
    def of(self, team: "Team | None") -> models.QuerySet[Row]:
        """The rows of one team: the only way that pages and the API reach them."""
        return self.filter(team=team)


class TeamOwned(models.Model):
    team = models.ForeignKey("accounts.Team", on_delete=models.CASCADE)

    objects = TeamManager()

    class Meta:
        abstract = True


class TeamMiddleware(MiddlewareMixin):
    """Sets request.team and request.role from the `team` in the URL, and takes it from the view's arguments.

    A team that is not the reader's own is 404, as one that does not exist: nobody learns which teams there are.
    Stands after the login middleware, which has sent strangers without an account to sign in."""

    def process_view(
        self, request: "SiteRequest", view: View, args: Sequence[str], kwargs: dict[str, str]
    ) -> None:
        request.team = request.role = None
        slug = kwargs.pop("team", None)
        if slug is None:
            return
        membership = next((one for one in memberships_of(request) if one.team.slug == slug), None)
        if membership is None:
            raise Http404(gettext("This team does not exist, or you are not a member of it."))
        request.team, request.role = membership.team, membership.role
        remember(request, slug)


class PrivatePages(MiddlewareMixin):
    """Lets no browser and no proxy store a page that one has to sign in for.

    Stands after the login middleware, which answers everybody who has not signed in."""

    def process_view(
        self, request: "SiteRequest", view: View, args: Sequence[str], kwargs: Mapping[str, str]
    ) -> None:
        request.is_private = getattr(view, "login_required", True)

    def process_response(self, request: "SiteRequest", response: HttpResponseBase) -> HttpResponseBase:
        if getattr(request, "is_private", False):
            patch_cache_control(response, no_store=True, private=True)
        return response


def remember(request: "SiteRequest", slug: str) -> None:
    """The team last looked at is where the home page leads; written only when it changes."""
    if request.session.get("team") != slug:
        request.session["team"] = slug


def memberships_of(request: "SiteRequest") -> "list[Membership]":
    """All of the reader's, by the team's name; none for a stranger. Read once a request, for the frame shows them."""
    if not hasattr(request, "memberships"):
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated:
            request.memberships = []
        else:
            request.memberships = list(user.memberships.select_related("team").order_by("team__name"))
    return request.memberships


def membership_of(user: "User | AnonymousUser", slug: str) -> "Membership | None":
    """The reader's own membership of the team with that slug, or None."""
    if not user.is_authenticated:
        return None
    return user.memberships.select_related("team").filter(team__slug=slug).first()
