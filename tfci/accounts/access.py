"""Who may do what: one table for pages and API alike.

A person has a role in a team, an API token has a scope. A read token sees what a viewer sees. A write token can do the
daily work and link code hosts, for that is what scripts set up, but it can't make tokens or change people: a leaked
token must not be able to grow.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import TypeVar, cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext, gettext_noop

from tfci.accounts.models import Role, Scope
from tfci.accounts.requests import SignedInRequest, SiteRequest

View = TypeVar("View", bound=Callable[..., object])

OWNERS = [Role.OWNER]
MANAGERS = [*OWNERS, Role.ADMIN]
CONNECTORS = [*MANAGERS, Scope.WRITE]
WORKERS = [*CONNECTORS, Role.MEMBER]
PEOPLE = [*MANAGERS, Role.MEMBER]
READERS = [*WORKERS, Role.VIEWER, Scope.READ]

MAY: dict[str, Sequence[str]] = {
    "jobs.read": READERS,
    "pools.read": READERS,
    "vms.read": READERS,
    "nodes.read": READERS,
    "connections.read": READERS,
    "spend.read": READERS,
    "team.read": READERS,
    "funds.ask": PEOPLE,  # the operator, for TFT
    "limits.change": CONNECTORS,  # the team's own, of its spending
    "funds.withdraw": OWNERS,  # and stop it
    "funds.twin": OWNERS,  # the team's own: enter, use and remove its words
    "pools.change": WORKERS,
    "nodes.keep": WORKERS,  # save and delete searches
    "nodes.drain": WORKERS,  # and use it again
    "servers.read": READERS,
    "servers.change": WORKERS,
    "servers.reveal": PEOPLE,  # the secrets that were made for a server
    "vms.retire": WORKERS,
    "vms.debug": CONNECTORS,  # access to a running job's secrets, which are the linked forge's
    "jobs.rerun": WORKERS,  # where their forge allows it
    "jobs.cancel": WORKERS,
    "connections.change": CONNECTORS,  # and unlink, and change the credential
    "team.change": MANAGERS,  # its name, and whether its people need two factors
    "team.close": OWNERS,  # hand it over, delete it, keep it after all
    "members.change": MANAGERS,  # invite, remove, change the role; nobody above their own role
    "tokens.make": MANAGERS,  # see, make and revoke
    "audit.read": MANAGERS,
}

# A team that is being deleted begins nothing new, but gets its TFT out.
WHILE_CLOSING = {"team.close", "vms.retire", "funds.withdraw"}

RANKS = [Role.VIEWER, Role.MEMBER, Role.ADMIN, Role.OWNER]
IN_WORDS = {  # what each rank adds to the one before
    Role.VIEWER: gettext_noop("sees jobs, pools, VMs, nodes and spend"),
    Role.MEMBER: gettext_noop("also changes pools, deploys and deletes servers, retires VMs"),
    Role.ADMIN: gettext_noop(
        "also connects forges, sets spending limits, opens debug access, creates tokens, manages members, reads the "
        "audit log"
    ),
    Role.OWNER: gettext_noop(
        "also pays TFT out, sets the team’s own twin, manages owners, transfers and deletes the team"
    ),
}


def may(role: str | None, verb: str) -> bool:
    """Whether that role or scope may do it. An unknown verb is a KeyError; None, for a non-member, may do nothing."""
    return role in MAY[verb]


def check(request: SiteRequest, verb: str) -> None:
    """PermissionDenied, with a sentence about who may, unless the request's role may do it."""
    if not may(request.role, verb):
        raise PermissionDenied(refusal(request.role, verb))
    if is_closing(request) and verb not in WHILE_CLOSING and not verb.endswith(".read"):
        raise PermissionDenied(
            gettext(
                "This team is being deleted, so nothing new can be created. An owner can cancel the deletion."
            )
        )


def is_closing(request: SiteRequest) -> bool:
    team = getattr(request, "team", None)
    return team is not None and team.closing_at is not None


def requires(verb: str) -> Callable[[View], View]:
    """Decorates a view or an API operation; the request carries `role` (tenancy.py, or the API's own door)."""
    MAY[verb]  # a misspelt verb fails at import

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(request: SiteRequest, *args: object, **kwargs: object) -> object:
            check(request, verb)
            return view(request, *args, **kwargs)

        if iscoroutinefunction(view):
            markcoroutinefunction(checked)
        return cast(View, checked)

    return decorate


def operator(view: View) -> View:
    """Decorates the operator's pages. Others get 404, so that nobody learns that they exist."""

    @wraps(view)
    def checked(request: SignedInRequest, *args: object, **kwargs: object) -> object:
        if not request.user.is_staff:
            raise Http404(gettext("This page does not exist."))
        return view(request, *args, **kwargs)

    return cast(View, checked)


def roles_given_by(role: str) -> list[Role]:
    """The roles that somebody with that role may give, from least to most; owners alone make owners."""
    return [given for given in RANKS if role == Role.OWNER or given != Role.OWNER]


def refusal(role: str | None, verb: str) -> str:
    """Why it is refused and whom to ask, as one text for pages and API."""
    if role in Scope.values:
        return gettext(
            "A {role} token can't do this. Create a token with the scope write, or ask an admin of the team."
        ).format(role=role)
    if role is None:
        return gettext("You are not a member of this team. Ask one of its owners to add you.")
    least = next(rank for rank in RANKS if may(rank, verb))
    return gettext(
        "Your role in this team is {role}; this requires {least} or higher. Ask an owner to change your role."
    ).format(role=role, least=least)
