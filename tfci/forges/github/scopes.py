"""What of a GitHub one link may stand for, an organisation or a repository; where each has its things, and which
permissions a token or App needs for them. The names are those of GitHub's API (npm @octokit/openapi 23.0.2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from tfci.forges.actions.paths import repository
from tfci.forges.errors import ForgeRefused

SETTINGS_PAGE = "/settings/personal-access-tokens"

# metadata:read comes with every token
SCOPES: Mapping[str, tuple[str, ...]] = {
    "org": ("organization_self_hosted_runners:write", "actions:read"),
    "repo": ("administration:write", "actions:read"),
}
HOOKS = {"org": "organization_hooks:write", "repo": "repository_hooks:write"}


@dataclass(frozen=True, slots=True)
class GitHubPlace:
    """`path`: what stands before /hooks and /actions/runners."""

    level: str
    noun: str
    name: str
    path: str

    @property
    def scopes(self) -> tuple[str, ...]:
        return SCOPES[self.level]


def place(level: str, name: str) -> GitHubPlace:
    """Raises ForgeRefused for a level that GitHub does not have."""
    if level == "org":
        return GitHubPlace(level, "organization", name, f"/orgs/{quote(name, safe='')}")
    if level == "repo":
        return GitHubPlace(level, "repository", name, repository(name))
    raise ForgeRefused(f"GitHub has no “{level}” to connect: choose an organization or a single repository.")


def api(url: str) -> str:
    """Where the API is: github.com has a host of its own for it, an Enterprise Server a folder."""
    url = url.rstrip("/")
    public = urlsplit(url).hostname in ("github.com", "www.github.com")
    return "https://api.github.com" if public else f"{url}/api/v3"
