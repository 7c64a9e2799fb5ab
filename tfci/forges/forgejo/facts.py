"""Facts that a Forgejo's list of jobs lacks: repository names, and runs."""

from collections.abc import Iterable

from tfci.forges.actions import paths
from tfci.forges.forgejo import schemas as shapes
from tfci.forges.gitea.api import GiteaApi
from tfci.forges.gitea.schemas import GiteaRepository
from tfci.forges.memory.lookup_cache import LookupCache
from tfci.forges.ports.forge import Memory

NAMES_TTL = 300.0  # seconds: a repository may get another name
RUNS_TTL = 3600.0


class ForgejoFacts:
    """Of one Forgejo, as one token may see them."""

    def __init__(self, api: GiteaApi, memory: Memory) -> None:
        self._cache = LookupCache(lambda path, shape: api.fetch("GET", path, shape), memory)

    def repositories(self, ids: Iterable[int]) -> dict[int, str]:
        """Their full names, without those that are no more."""
        paths = {repo_id: f"/repositories/{repo_id}" for repo_id in ids}
        found = self._cache.all(paths.values(), GiteaRepository, NAMES_TTL)
        return {repo_id: found[path].full_name for repo_id, path in paths.items() if path in found}

    def runs(self, keys: Iterable[tuple[str, int]]) -> dict[tuple[str, int], shapes.ForgejoRun]:
        """(repository, run) -> what stays as it is while the run goes on."""
        wanted = {(name, run_id): paths.run(name, str(run_id)) for name, run_id in keys}
        found = self._cache.all(wanted.values(), shapes.ForgejoRun, RUNS_TTL)
        return {key: found[path] for key, path in wanted.items() if path in found}
