"""What the frame around every page needs: where one is, where one may go, and as whom."""

from dataclasses import dataclass
from functools import cached_property

from django.urls import NoReverseMatch, reverse

from tfci.accounts.access import may
from tfci.accounts.tenancy import memberships_of

# word, URL name, icon, verb of access.py
WORK = [
    ("Overview", "overview", "layout-dashboard", "jobs.read"),
    ("Jobs", "jobs", "list-details", "jobs.read"),
    ("Pools", "pools", "stack-2", "pools.read"),
    ("Machines", "vms", "server-2", "vms.read"),
    ("Nodes", "nodes", "map-pin", "nodes.read"),
    ("Spend", "spend", "coin", "spend.read"),
]
SETTINGS = [
    ("Forges", "orgs", "plug", "orgs.read"),
    ("Team", "team", "users", "team.read"),
    ("Audit log", "audit", "history", "audit.read"),
]
TABS = 4  # at the bottom of a phone, beside "More"


@dataclass(frozen=True)
class Entry:
    word: str
    url: str
    icon: str
    current: bool


class Shell:
    """Built for each page, asked by the templates only: one query for all of it."""

    def __init__(self, request):
        self.request = request

    @property
    def memberships(self):
        return memberships_of(self.request)

    @cached_property
    def membership(self):
        """In the team of this page, else of the last one, else of any; None without a team."""
        here = getattr(self.request, "team", None)
        slug = here.slug if here else self.request.session.get("team")
        of_slug = (one for one in self.memberships if one.team.slug == slug)
        return next(of_slug, self.memberships[0] if self.memberships else None)

    @property
    def team(self):
        return self.membership and self.membership.team

    @cached_property
    def work(self):
        return self.entries(WORK)

    @cached_property
    def settings(self):
        return [*self.entries(SETTINGS), *self.operating]

    @property
    def operating(self):
        """The way to the operator's pages, for the operator."""
        if not self.request.user.is_staff:
            return []
        url = reverse("operator")
        return [Entry("Operator", url, "shield-lock", self.request.path.startswith(url))]

    @property
    def tabs(self):
        return self.work[:TABS]

    @property
    def more(self):
        return [*self.work[TABS:], *self.settings]

    @property
    def others(self):
        """The other teams, each with its front page, for the switcher."""
        return [(one.team, front(one.team)) for one in self.memberships if one != self.membership]

    @property
    def front(self):
        return front(self.team) if self.team else reverse("teams")

    def entries(self, rows):
        """Those whose page exists and that the reader's role may see."""
        if self.team is None:
            return []
        seen = [(row, address(row[1], self.team)) for row in rows if may(self.membership.role, row[3])]
        return [Entry(row[0], url, row[2], self.is_current(row[1], url)) for row, url in seen if url]

    def is_current(self, name, url):
        """The overview is current on itself alone, all others on their sub-pages too."""
        path = self.request.path
        return path == url if name == "overview" else path.startswith(url)


def shell(request):
    """Context processor: `shell` in every template."""
    return {"shell": Shell(request)}


def front(team):
    """Where a team begins: its overview, or its people while there is no overview."""
    return address("overview", team) or address("team", team)


def address(name, team):
    """The team's page of that name, or None where no app offers one."""
    try:
        return reverse(name, args=[team.slug])
    except NoReverseMatch:
        return None
