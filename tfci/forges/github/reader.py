"""The open jobs of a connection: repository by repository, as watch.py chooses, within the budget of calls."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import msgspec

from tfci.forges.actions.paths import repository
from tfci.forges.actions.schemas import REPOSITORY
from tfci.forges.errors import ForgeRefused, Gone
from tfci.forges.facts import JobSeen
from tfci.forges.github import schemas as shapes, webhooks
from tfci.forges.github.api import PAGE, PAGES, GitHubApi
from tfci.forges.github.budget import CallBudgetSpent, Use
from tfci.forges.github.scopes import GitHubPlace
from tfci.forges.github.watch import Watch, WatchedRun

CACHE_SECONDS = 24 * 3600
OPEN = ("queued", "in_progress")  # statuses of runs in which a job may be queued
RUNS = 50  # of one repository and status in one turn
NEWEST = [("sort", "pushed"), ("direction", "desc"), ("per_page", str(PAGE))]


@dataclass(slots=True)
class RepositoryScan:
    """One turn. It ends early if the budget does; what was not read comes first in the next."""

    api: GitHubApi
    place: GitHubPlace
    jobs: list[JobSeen] = field(default_factory=list)
    read_paths: set[str] = field(default_factory=set)  # the paths of runs, each once

    def open_jobs(self) -> list[JobSeen]:
        if self.place.level == "repo":
            self._repository(Watch(), self.place.name, "look", self.api.clock())
            return self.jobs
        watch, now = self._watch(), self.api.clock()
        watch.add_events(webhooks.recent(self.api.memory, now))
        try:
            self._pushes(watch)
            for each in watch.due(now):
                self._read(watch, each, "look", now)
            for each in watch.in_turn(now):
                self._read(watch, each, "idle", now)
        except CallBudgetSpent:
            if not watch.repositories:
                raise
        finally:
            watch.drop_finished(now)
            self.api.memory.put("watch", msgspec.json.encode(watch), CACHE_SECONDS)
        return self.jobs

    def _watch(self) -> Watch:
        (cached,) = self.api.memory.get("watch")
        return msgspec.json.decode(cached, type=Watch) if isinstance(cached, bytes) else Watch()

    def _pushes(self, watch: Watch) -> None:
        """Read the list, the newest push first, to where it is known already."""
        known = watch.listed
        for page in range(1, PAGES + 1):
            params = [*NEWEST, ("page", str(page))]
            found = self.api.fetch(f"{self.place.path}/repos", list[shapes.GitHubRepository], "look", params)
            repositories = [one for one in found if not one.archived and REPOSITORY.fullmatch(one.full_name)]
            watch.note(
                (one.full_name, one.pushed_at.timestamp() if one.pushed_at else 0.0) for one in repositories
            )
            oldest = min((one.pushed_at.timestamp() for one in repositories if one.pushed_at), default=0.0)
            if len(found) < PAGE or (watch.whole and oldest < known):
                break
        watch.whole = True

    def _read(self, watch: Watch, each: str | WatchedRun, use: Use, now: float) -> None:
        try:
            if isinstance(each, WatchedRun):
                self._run(watch, each.repository, each.run_id, each.attempt, use, now)
            else:
                self._repository(watch, each, use, now)
                watch.mark_read(each, now)
        except (ForgeRefused, Gone):
            if isinstance(each, WatchedRun):
                watch.ended(each)
            else:
                watch.mark_read(each, now, blocked=True)

    def _repository(self, watch: Watch, name: str, use: Use, now: float) -> None:
        """Add the open jobs of all its runs that are not over."""
        path = f"{repository(name)}/actions/runs"
        runs: dict[int, Any] = {}
        for status in OPEN:
            params = [("status", status), ("per_page", str(RUNS))]
            runs |= {run.id: run for run in self.api.fetch(path, shapes.GitHubRuns, use, params).entries}
        for run in runs.values():
            webhooks.store_run(self.api.memory, name, str(run.id), shapes.run_seen(run))
            self._run(watch, name, str(run.id), max(1, run.run_attempt or 1), use, now)

    def _run(self, watch: Watch, name: str, run_id: str, attempt: int, use: Use, now: float) -> None:
        """Add the open jobs of one."""
        path = f"{repository(name)}/actions/runs/{quote(run_id, safe='')}/attempts/{attempt}/jobs"
        if path in self.read_paths:
            return
        self.read_paths.add(path)
        seen = [shapes.job_seen(job, name) for job in self.api.listed(path, shapes.GitHubJobs, use)]
        watch.record_jobs(name, run_id, attempt, {job.job_id: job.status == "completed" for job in seen}, now)
        self.jobs += [job for job in seen if job.status != "completed"]
