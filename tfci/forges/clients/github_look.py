"""The open jobs of a link: repository by repository, as github_watch chooses, within what may be called."""

from dataclasses import dataclass, field

import msgspec

from tfci.forges.clients import github_shapes as shapes
from tfci.forges.clients.github_api import PAGE, PAGES, Api
from tfci.forges.clients.github_budget import Spent
from tfci.forges.clients.github_places import Place, repository
from tfci.forges.clients.github_watch import Watch
from tfci.forges.ports import Gone, JobSeen, Refused

KEPT = 24 * 3600
OPEN = ("queued", "in_progress")  # statuses of runs in which a job may be queued
RUNS = 50  # of one repository and status in one turn
NEWEST = [("sort", "pushed"), ("direction", "desc"), ("per_page", str(PAGE))]


@dataclass(slots=True)
class Look:
    """One turn. It ends early where the budget does; what was not asked comes first in the next."""

    api: Api
    place: Place
    jobs: list[JobSeen] = field(default_factory=list)

    def open_jobs(self) -> list[JobSeen]:
        if self.place.level == "repo":
            self._repository(self.place.name)
            return self.jobs
        watch, now = self._watch(), self.api.clock()
        try:
            self._pushes(watch)
            for name in watch.choose(now, self._told(watch, now)):
                self._ask(watch, name, now)
        except Spent:
            if not watch.repositories:
                raise
        finally:
            self.api.memory.put("watch", msgspec.json.encode(watch), KEPT)
        return self.jobs

    def _watch(self) -> Watch:
        (kept,) = self.api.memory.get("watch")
        return msgspec.json.decode(kept, type=Watch) if kept else Watch()

    def _pushes(self, watch: Watch) -> None:
        """Read the list, the newest push first, to where it is known already."""
        known = watch.listed
        for page in range(1, PAGES + 1):
            asked = [*NEWEST, ("page", str(page))]
            found = self.api.got(f"{self.place.path}/repos", list[shapes.Repository], "look", asked)
            there = [one for one in found if not one.archived and shapes.REPOSITORY.fullmatch(one.full_name)]
            watch.note((one.full_name, one.pushed_at.timestamp() if one.pushed_at else 0.0) for one in there)
            oldest = min((one.pushed_at.timestamp() for one in there if one.pushed_at), default=0.0)
            if len(found) < PAGE or (watch.whole and oldest < known):
                break
        watch.whole = True

    def _told(self, watch: Watch, now: float) -> dict[str, float]:
        names = watch.pushed(now)
        times = self.api.memory.get(*(told_key(name) for name in names)) if names else []
        return {name: float(at) for name, at in zip(names, times, strict=True) if at}

    def _ask(self, watch: Watch, name: str, now: float) -> None:
        try:
            found = self._repository(name)
        except (Refused, Gone):
            watch.asked(name, now, open=False, barred=True)
        else:
            watch.asked(name, now, open=found)

    def _repository(self, name: str) -> bool:
        """Add its open jobs; whether it has a run that is not over."""
        path, runs = f"{repository(name)}/actions/runs", {}
        for status in OPEN:
            asked = [("status", status), ("per_page", str(RUNS))]
            found = self.api.got(path, shapes.Runs, "look", asked)
            runs |= {run.id: run for run in found.entries}
        for run in runs.values():
            told = self.api.listed(f"{path}/{run.id}/attempts/{run.run_attempt}/jobs", shapes.Jobs, "look")
            seen = [shapes.job_seen(job, name) for job in told]
            self.jobs += [job for job in seen if job.status != "completed"]
        return bool(runs)


def told_key(name: str) -> str:
    """Under which it is remembered when a webhook told of a repository last."""
    return f"told:{name}"
