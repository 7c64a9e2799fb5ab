"""Runner groups of an organisation at GitHub: which repositories' jobs a runner takes. A repository has one alone.

GET /orgs/{org}/actions/runner-groups (npm @octokit/openapi 23.0.2); a group's number never changes, its name may.
"""

from tfci.forges import problems
from tfci.forges.errors import ForgeRefused
from tfci.forges.github import schemas as shapes
from tfci.forges.github.api import GitHubApi
from tfci.forges.github.scopes import GitHubPlace

DEFAULT = 1  # of an organisation; also a repository's only one
CACHE_SECONDS = 3600  # for a name's number


class RunnerGroups:
    """Of one place; `name` is the one that its runners go into, "" for the default one."""

    def __init__(self, api: GitHubApi, place: GitHubPlace, name: str) -> None:
        self._api, self._place, self.name = api, place, name

    def number(self) -> int:
        """Of the group, for making runners. Raises ForgeRefused where there is none of that name."""
        if not self.name or self._place.level != "org":
            return DEFAULT
        (cached,) = self._api.memory.get(self._key)
        if not cached:
            cached = self.seen().id
            self._api.memory.put(self._key, cached, CACHE_SECONDS)
        return int(cached)

    def seen(self) -> shapes.RunnerGroup:
        """As GitHub has it now. Raises ForgeRefused, Gone."""
        if not self.name:
            return self._api.fetch(f"{self._place.path}/actions/runner-groups/{DEFAULT}", shapes.RunnerGroup)
        found = self._api.listed(f"{self._place.path}/actions/runner-groups", shapes.RunnerGroupList)
        for one in found:
            if one.name.casefold() == self.name.casefold():
                return one
        raise self.missing()

    def missing(self) -> ForgeRefused:
        return ForgeRefused(problems.RunnerGroupMissing(self._place.name, self.name, self._api.url))

    def clear_cache(self) -> None:
        """Drop the cached number: it is wrong."""
        self._api.memory.put(self._key, 0, 1)

    @property
    def _key(self) -> str:
        return f"group:{self.name.casefold()}"
