"""The frame around every page: the current team, the menu, and the role."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext, gettext_noop

from tfci.accounts.access import may
from tfci.accounts.models import Membership, Team
from tfci.accounts.requests import SignedInRequest
from tfci.accounts.tenancy import memberships_of

# word, URL name, icon, verb of access.py
WORK = [
    (gettext_noop("Overview"), "overview", "layout-dashboard", "jobs.read"),
    (gettext_noop("Jobs"), "jobs", "list-details", "jobs.read"),
    (gettext_noop("Pools"), "pools", "stack-2", "pools.read"),
    ("VMs", "vms", "server-2", "vms.read"),
    (gettext_noop("Servers"), "servers", "world", "servers.read"),
    (gettext_noop("Nodes"), "nodes", "map-pin", "nodes.read"),
    (gettext_noop("Spend"), "spend", "coin", "spend.read"),
]
SETTINGS = [
    (gettext_noop("Connections"), "connections", "plug", "connections.read"),
    (gettext_noop("Team"), "team", "users", "team.read"),
    (gettext_noop("Audit log"), "audit", "history", "audit.read"),
]
OPERATING = [
    (gettext_noop("Now"), "operator", "layout-dashboard"),
    (gettext_noop("Teams"), "operator_teams", "users"),
    (gettext_noop("Requests"), "operator_requests", "coin"),
    (gettext_noop("Withdrawals"), "operator_withdrawals", "door-exit"),
    ("VMs", "operator_vms", "server-2"),
    (gettext_noop("Connections"), "operator_connections", "plug"),
    (gettext_noop("Orphans"), "operator_orphans", "zoom-question"),
    (gettext_noop("Chain accounts"), "operator_accounts", "key"),
    (gettext_noop("Cashier"), "operator_cashier", "coin"),
    (gettext_noop("Prices"), "operator_prices", "receipt-2"),
    ("GitHub", "operator_github", "brand-github"),
    (gettext_noop("Versions"), "operator_versions", "tags"),
    (gettext_noop("Audit"), "operator_audit", "history"),
]
FRONTS = ("overview", "operator")  # whose sub-pages have entries of their own
TABS = 4  # at the bottom of a phone, beside "More"


@dataclass(frozen=True)
class NavigationEntry:
    word: str
    url: str
    icon: str
    current: bool


class Shell:
    """Built for each page, used by the templates only: one query for all of it."""

    def __init__(self, request: SignedInRequest) -> None:
        self.request = request

    @property
    def memberships(self) -> list[Membership]:
        return memberships_of(self.request)

    @cached_property
    def operates(self) -> bool:
        """True on the operator's pages, which are about no team."""
        return self.request.user.is_staff and self.request.path.startswith(reverse("operator"))

    @cached_property
    def membership(self) -> Membership | None:
        """In the team of this page, else of the last one, else of any; None without a team."""
        if self.operates:
            return None
        team = getattr(self.request, "team", None)
        slug = team.slug if team else self.request.session.get("team")
        of_slug = (one for one in self.memberships if one.team.slug == slug)
        return next(of_slug, self.memberships[0] if self.memberships else None)

    @property
    def team(self) -> Team | None:
        return self.membership.team if self.membership else None

    @property
    def place(self) -> str:
        """What the switcher shows: where one is."""
        if self.operates:
            return gettext("Operator")
        return self.team.name if self.team else gettext("No team yet")

    @cached_property
    def work(self) -> list[NavigationEntry]:
        return self.operating if self.operates else self.entries(WORK)

    @cached_property
    def settings(self) -> list[NavigationEntry]:
        if not self.request.user.is_staff:
            return self.entries(SETTINGS)
        operator_entry = (
            []
            if self.operates
            else [NavigationEntry(gettext("Operator"), reverse("operator"), "shield-lock", False)]
        )
        return [*self.entries(SETTINGS), *operator_entry]

    @property
    def operating(self) -> list[NavigationEntry]:
        """The operator's pages."""
        named = [(gettext(word), reverse(name), icon, name) for word, name, icon in OPERATING]
        return [
            NavigationEntry(word, url, icon, self.is_current(name, url)) for word, url, icon, name in named
        ]

    @property
    def tabs(self) -> list[NavigationEntry]:
        return [*self.work, *self.settings][:TABS]

    @property
    def more(self) -> list[NavigationEntry]:
        return [*self.work, *self.settings][TABS:]

    @property
    def others(self) -> list[tuple[Team, str]]:
        """The other teams, each with its front page, for the switcher."""
        return [(one.team, front(one.team)) for one in self.memberships if one != self.membership]

    @property
    def front(self) -> str:
        if self.operates:
            return reverse("operator")
        return front(self.team) if self.team else reverse("teams")

    def entries(self, rows: Iterable[tuple[str, str, str, str]]) -> list[NavigationEntry]:
        """Those whose page exists and that the reader's role may see."""
        membership = self.membership
        if membership is None:
            return []
        seen = [(row, address(row[1], membership.team)) for row in rows if may(membership.role, row[3])]
        return [
            NavigationEntry(gettext(row[0]), url, row[2], self.is_current(row[1], url))
            for row, url in seen
            if url
        ]

    def is_current(self, name: str, url: str) -> bool:
        """A front page is current on itself alone, all others on their sub-pages too."""
        path = self.request.path
        return path == url if name in FRONTS else path.startswith(url)


def shell(request: SignedInRequest) -> dict[str, Shell]:
    """Context processor: `shell` in every template."""
    return {"shell": Shell(request)}


def front(team: Team) -> str:
    """Where a team begins: its overview, or its people while there is no overview."""
    return address("overview", team) or reverse("team", args=[team.slug])


def address(name: str, team: Team) -> str | None:
    """The team's page of that name, or None where no app offers one."""
    try:
        return reverse(name, args=[team.slug])
    except NoReverseMatch:
        return None
