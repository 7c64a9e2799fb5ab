"""What can be connected of a Gitea: an organization, a user, a repository, or all of it. The paths of each, and the
scopes that a token needs; verified with 1.25.4."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote

from tfci.forges.actions.paths import repository
from tfci.forges.errors import ForgeRefused

SETTINGS_PAGE = "/user/settings/applications"

# Exact in Gitea: write includes read of the same, and nothing else.
SCOPES: Mapping[str, Mapping[str, str]] = {
    "org": {"organization": "write:organization", "repository": "read:repository", "user": "read:user"},
    "user": {"user": "write:user", "repository": "read:repository"},
    "repo": {"repository": "write:repository", "user": "read:user"},
    "instance": {"admin": "write:admin", "repository": "read:repository", "user": "read:user"},
}


@dataclass(frozen=True, slots=True)
class GiteaPlace:
    """`path`: what stands before /hooks and /actions. `shown`: an address that answers to who may see it.
    `repositories`: where those are listed that it brings; "" where it is one itself."""

    level: str
    noun: str
    name: str
    path: str
    shown: str
    repositories: str
    probe: str  # a repository that can't be there: 404 to who may read repositories, 403 to others

    @property
    def scopes(self) -> Mapping[str, str]:
        return SCOPES[self.level]


def place(level: str, name: str) -> GiteaPlace:
    """Raises ForgeRefused for a level that Gitea does not have."""
    if level == "org":
        org = quote(name, safe="")
        path = f"/orgs/{org}"
        return GiteaPlace(level, "organization", name, path, path, f"{path}/repos", f"/repos/{org}/-")
    if level == "user":
        probe = f"/repos/{quote(name, safe='')}/-"
        return GiteaPlace(level, "user", name, "/user", "/user", "/user/repos", probe)
    if level == "repo":
        path = repository(name)
        return GiteaPlace(level, "repository", name, path, path, "", f"{path}-")
    if level == "instance":
        return GiteaPlace(level, "instance", name, "/admin", "/admin", "/repos/search", "/repos/-/-")
    raise ForgeRefused(
        f"Gitea has no “{level}” to connect: choose an organization, a user, a repository or the whole instance."
    )
