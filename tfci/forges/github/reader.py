"""The open jobs of a link: repository by repository, as github_watch chooses, within what may be called."""

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

KEPT = 24 * 3600
OPEN = ("queued", "in_progress")  # statuses of runs in which a job may be queued
RUNS = 50  # of one repository and status in one turn
NEWEST = [("sort", "pushed"), ("direction", "desc"), ("per_page", str(PAGE))]


@dataclass(slots=True)
class RepositoryScan:
    """One turn. It ends early where the budget does; what was not asked comes first in the next."""

    api: GitHubApi
    place: GitHubPlace
    jobs: list[JobSeen] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)  # the paths of runs, each once

    def open_jobs(self) -> list[JobSeen]:
        if self.place.level == "repo":
            self._repository(Watch(), self.place.name, "look", self.api.clock())
            return self.jobs
        watch, now = self._watch(), self.api.clock()
        watch.hear(webhooks.lately(self.api.memory, now))
        try:
            self._pushes(watch)
            for each in watch.due(now):
                self._ask(watch, each, "look", now)
            for each in watch.in_turn(now):
                self._ask(watch, each, "idle", now)
        except CallBudgetSpent:
            if not watch.repositories:
                raise
        finally:
            watch.forget(now)
            self.api.memory.put("watch", msgspec.json.encode(watch), KEPT)
        return self.jobs

    def _watch(self) -> Watch:
        (kept,) = self.api.memory.get("watch")
        return msgspec.json.decode(kept, type=Watch) if isinstance(kept, bytes) else Watch()

    def _pushes(self, watch: Watch) -> None:
        """Read the list, the newest push first, to where it is known already."""
        known = watch.listed
        for page in range(1, PAGES + 1):
            asked = [*NEWEST, ("page", str(page))]
            found = self.api.got(f"{self.place.path}/repos", list[shapes.GitHubRepository], "look", asked)
            there = [one for one in found if not one.archived and REPOSITORY.fullmatch(one.full_name)]
            watch.note((one.full_name, one.pushed_at.timestamp() if one.pushed_at else 0.0) for one in there)
            oldest = min((one.pushed_at.timestamp() for one in there if one.pushed_at), default=0.0)
            if len(found) < PAGE or (watch.whole and oldest < known):
                break
        watch.whole = True

    def _ask(self, watch: Watch, each: str | WatchedRun, use: Use, now: float) -> None:
        try:
            if isinstance(each, WatchedRun):
                self._run(watch, each.repository, each.run_id, each.attempt, use, now)
            else:
                self._repository(watch, each, use, now)
                watch.asked(each, now)
        except (ForgeRefused, Gone):
            if isinstance(each, WatchedRun):
                watch.ended(each)
            else:
                watch.asked(each, now, barred=True)

    def _repository(self, watch: Watch, name: str, use: Use, now: float) -> None:
        """Add the open jobs of all its runs that are not over."""
        path = f"{repository(name)}/actions/runs"
        runs: dict[int, Any] = {}
        for status in OPEN:
            asked = [("status", status), ("per_page", str(RUNS))]
            runs |= {run.id: run for run in self.api.got(path, shapes.GitHubRuns, use, asked).entries}
        for run in runs.values():
            webhooks.title(self.api.memory, name, str(run.id), shapes.run_seen(run))
            self._run(watch, name, str(run.id), max(1, run.run_attempt or 1), use, now)

    def _run(self, watch: Watch, name: str, run_id: str, attempt: int, use: Use, now: float) -> None:
        """Add the open jobs of one."""
        path = f"{repository(name)}/actions/runs/{quote(run_id, safe='')}/attempts/{attempt}/jobs"
        if path in self.asked:
            return
        self.asked.add(path)
        seen = [shapes.job_seen(job, name) for job in self.api.listed(path, shapes.GitHubJobs, use)]
        watch.read(name, run_id, attempt, {job.job_id: job.status == "completed" for job in seen}, now)
        self.jobs += [job for job in seen if job.status != "completed"]
