"""What a Forgejo's list of jobs leaves out: a repository's name, and what a run says."""

from collections.abc import Iterable

from tfci.forges.actions import paths
from tfci.forges.forgejo import schemas as shapes
from tfci.forges.gitea.api import GiteaApi
from tfci.forges.gitea.schemas import GiteaRepository
from tfci.forges.memory.lookup_cache import Remembered
from tfci.forges.ports.forge import Memory

NAMES_LAST = 300.0  # seconds: a repository may get another name
RUNS_LAST = 3600.0


class ForgejoFacts:
    """Of one Forgejo, as one token may see them."""

    def __init__(self, api: GiteaApi, memory: Memory) -> None:
        self._known = Remembered(lambda path, shape: api.got("GET", path, shape), memory)

    def repositories(self, ids: Iterable[int]) -> dict[int, str]:
        """Their full names, without those that are no more."""
        paths = {repo_id: f"/repositories/{repo_id}" for repo_id in ids}
        found = self._known.all(paths.values(), GiteaRepository, NAMES_LAST)
        return {repo_id: found[path].full_name for repo_id, path in paths.items() if path in found}

    def runs(self, of: Iterable[tuple[str, int]]) -> dict[tuple[str, int], shapes.ForgejoRun]:
        """(repository, run) -> what stays as it is while the run goes on."""
        wanted = {(name, run_id): paths.run(name, str(run_id)) for name, run_id in of}
        found = self._known.all(wanted.values(), shapes.ForgejoRun, RUNS_LAST)
        return {key: found[path] for key, path in wanted.items() if path in found}
