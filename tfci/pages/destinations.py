"""Pages that one may go to by name, and what else they are called."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext, gettext_noop

from tfci.accounts.access import may
from tfci.accounts.models import Team
from tfci.accounts.navigation import SETTINGS, WORK


@dataclass(frozen=True, slots=True)
class Destination:
    """A page by its URL name. `verb`: what its reader must be allowed to do; `also`: more words that find it."""

    title: str
    name: str
    icon: str
    verb: str = ""
    also: str = ""

    def matches(self, words: list[str]) -> bool:
        """Whether each word, in lower case, begins one of the page's."""
        known = f"{gettext(self.title)} {self.also}".lower().split()
        return all(any(one.startswith(word) for one in known) for word in words)


TEAM = [
    *(Destination(*entry) for entry in [*WORK, *SETTINGS]),
    Destination(gettext_noop("New pool"), "pool_new", "plus", "pools.change", also="create add"),
    Destination(
        gettext_noop("Connect a forge"),
        "connection_new",
        "plug",
        "connections.change",
        also="new link gitea forgejo github",
    ),
    Destination(gettext_noop("First steps"), "start", "rocket", "jobs.read", also="start onboarding quick"),
    Destination(gettext_noop("Apps"), "apps", "world", "servers.read", also="deploy catalog new server"),
    Destination(
        gettext_noop("Import pools from tfrobot"),
        "pools_import",
        "cloud-upload",
        "pools.change",
        also="file yaml",
    ),
    Destination(
        gettext_noop("Add TFT"),
        "deposit",
        "plus",
        "spend.read",
        also="deposit top up pay in fund money balance",
    ),
    Destination(
        gettext_noop("Pay out"),
        "withdrawals",
        "door-exit",
        "funds.withdraw",
        also="withdraw withdrawals tft money",
    ),
    Destination(
        gettext_noop("Ledger"), "ledger", "list-details", "spend.read", also="entries charges money csv"
    ),
    Destination(gettext_noop("Spending limits"), "limits", "coin", "spend.read", also="limit budget cap"),
    Destination(gettext_noop("Own twin"), "own_twin", "key", "spend.read", also="account chain mnemonic pay"),
    Destination(
        gettext_noop("Statements"), "statements", "receipt-2", "spend.read", also="monthly invoice pdf csv"
    ),
    Destination(gettext_noop("Invite people"), "invite", "user-plus", "members.change", also="add member"),
    Destination(gettext_noop("API tokens"), "tokens", "key", "tokens.make", also="new create scripts"),
    Destination(
        gettext_noop("Team settings"),
        "team_settings",
        "settings",
        "team.change",
        also="name two-factor delete",
    ),
]
OWN = [
    Destination(gettext_noop("Profile"), "profile", "user", also="your account name time zone"),
    Destination(gettext_noop("Email address"), "account_email", "mail", also="your account"),
    Destination(gettext_noop("Password"), "account_change_password", "lock", also="your account change"),
    Destination(
        gettext_noop("Two-factor sign-in"),
        "mfa_index",
        "fingerprint",
        also="your account passkey totp 2fa mfa",
    ),
    Destination(gettext_noop("SSH keys"), "ssh_keys", "key", also="your account debug"),
    Destination(
        gettext_noop("Sign-ins"), "usersessions_list", "device-laptop", also="your account sessions devices"
    ),
    Destination(gettext_noop("All teams"), "teams", "users", also="switch new team"),
    Destination(gettext_noop("Sign out"), "account_logout", "logout", also="log out"),
]
EVERYBODY = [
    Destination(gettext_noop("Manual"), "manual", "file-text", also="documentation docs help"),
    Destination(
        gettext_noop("API reference"), "api_reference", "terminal-2", also="openapi rest calls curl python"
    ),
    Destination(gettext_noop("Label builder"), "labels", "tags", also="sizes runs-on"),
    Destination(gettext_noop("Prices"), "pricing", "receipt-2", also="costs calculator"),
    Destination(gettext_noop("Status"), "status", "circle-check", also="system health"),
    Destination(gettext_noop("Security"), "security", "shield-lock"),
    Destination(gettext_noop("Compare"), "compare", "chart-bar", also="others alternatives"),
]


def reachable(team: Team, role: str, words: list[str]) -> list[tuple[Destination, str]]:
    """Those of the words that the role may see, each with its address; the team's own alone where no word is given."""
    found = [(one, reverse(one.name, args=[team.slug])) for one in TEAM if may(role, one.verb)]
    if words:
        found += [(one, reverse(one.name)) for one in [*OWN, *EVERYBODY]]
    return [(one, url) for one, url in found if one.matches(words)]
