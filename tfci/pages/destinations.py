"""Pages that one may go to by name, and what else they are called."""

from dataclasses import dataclass

from django.urls import reverse

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
        known = f"{self.title} {self.also}".lower().split()
        return all(any(one.startswith(word) for one in known) for word in words)


TEAM = [
    *(Destination(*entry) for entry in [*WORK, *SETTINGS]),
    Destination("New pool", "pool_new", "plus", "pools.change", "create add"),
    Destination(
        "Connect a forge", "connection_new", "plug", "connections.change", "new link gitea forgejo github"
    ),
    Destination("First steps", "start", "rocket", "jobs.read", "start onboarding quick"),
    Destination("Apps", "apps", "world", "servers.read", "deploy catalog new server"),
    Destination("Import pools from tfrobot", "pools_import", "cloud-upload", "pools.change", "file yaml"),
    Destination("Invite people", "invite", "user-plus", "members.change", "add member"),
    Destination("API tokens", "tokens", "key", "tokens.make", "new create scripts"),
    Destination("Team settings", "team_settings", "settings", "team.change", "name two-factor delete"),
]
OWN = [
    Destination("Profile", "profile", "user", also="your account name time zone"),
    Destination("Email address", "account_email", "mail", also="your account"),
    Destination("Password", "account_change_password", "lock", also="your account change"),
    Destination("Two-factor sign-in", "mfa_index", "fingerprint", also="your account passkey totp 2fa mfa"),
    Destination("SSH keys", "ssh_keys", "key", also="your account debug"),
    Destination("Sign-ins", "usersessions_list", "device-laptop", also="your account sessions devices"),
    Destination("All teams", "teams", "users", also="switch new team"),
    Destination("Sign out", "account_logout", "logout", also="log out"),
]
EVERYBODY = [
    Destination("Manual", "manual", "file-text", also="documentation docs help"),
    Destination("API reference", "api_reference", "terminal-2", also="openapi rest calls curl python"),
    Destination("Label builder", "labels", "tags", also="sizes runs-on"),
    Destination("Prices", "pricing", "receipt-2", also="costs calculator"),
    Destination("Status", "status", "circle-check", also="system health"),
    Destination("Security", "security", "shield-lock"),
    Destination("Compare", "compare", "chart-bar", also="others alternatives"),
]


def reachable(team: Team, role: str, words: list[str]) -> list[tuple[Destination, str]]:
    """Those of the words that the role may see, each with its address; the team's own alone where no word is given."""
    found = [(one, reverse(one.name, args=[team.slug])) for one in TEAM if may(role, one.verb)]
    if words:
        found += [(one, reverse(one.name)) for one in [*OWN, *EVERYBODY]]
    return [(one, url) for one, url in found if one.matches(words)]
