"""Which repositories and runs of an organization are read for jobs: GitHub has no list over all, and limits calls.

Pure: the state of each, and the time, go in. Two things are *due*. A repository that was pushed to without a webhook
since; and a run a while after its first webhook, which may have been about one job and not the next, and a while after
all its known jobs have ended, since another may have followed. A run costs one call. What
is open, and every other repository, has its *turn*, with the calls that are left over.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated

import msgspec

from tfci.forges.github.webhooks import RememberedEvent

WEBHOOK_DELAY = 3.0  # seconds after a push until its webhooks count as missing
RETRIES = (0.0, 10.0, 25.0, 60.0)  # seconds after UNTOLD at which such a repository is read
RUN_DELAY = 8.0  # seconds after a run's webhook until it is read anyway
MAX_DUE = 30  # that are due in one turn
OPEN, BUSY, QUIET = 6, 3, 1  # that have their turn at once: open runs, busy repositories, quiet ones
RECENT = 30 * 86400.0  # seconds; what was not pushed to for so long is quiet
KEEP_SECONDS = 300.0  # seconds for which a run that is over is remembered, for webhooks come late
RUNS = 5000  # that are remembered


class WatchedRepository(msgspec.Struct, array_like=True):
    """A repository. Times in seconds; 0 for never."""

    pushed: float = 0.0
    read_at: float = 0.0
    last_webhook: float = 0.0  # when the last webhook was about it
    blocked: bool = False  # refused, or gone: only read in its turn


class WatchedRun(msgspec.Struct, array_like=True):
    """One attempt of a run. `jobs`: by id, whether they are over. `due`: when it is to be asked; 0 for never."""

    repository: str
    run_id: str
    attempt: int
    due: float = 0.0
    newest: float = 0.0  # the last event, or reading
    read_at: float = 0.0
    jobs: dict[str, bool] = {}
    over: bool = False


class Watch(msgspec.Struct):
    """All that is remembered of an organisation's repositories, by full name, and of their runs."""

    repositories: dict[Annotated[str, msgspec.Meta(max_length=300)], WatchedRepository] = {}
    runs: dict[str, WatchedRun] = {}
    listed: float = 0.0  # the newest push that the list has shown
    whole: bool = False  # the list was once read to its end

    # What is known

    def note(self, pushes: Iterable[tuple[str, float]]) -> None:
        for name, pushed in pushes:
            known = self.repositories.setdefault(name, WatchedRepository())
            if pushed > known.pushed:
                known.pushed, known.blocked = pushed, False
            self.listed = max(self.listed, pushed)

    def add_events(self, events: Iterable[RememberedEvent]) -> None:
        """Add events of webhooks; the same event may come several times."""
        for event in events:
            if known := self.repositories.get(event.repository):
                known.last_webhook = max(known.last_webhook, event.at)
            run = self._run(event.repository, event.run_id, event.attempt, due=event.at + RUN_DELAY)
            run.newest = max(run.newest, event.at)
            if event.job:
                self._add_job_event(run, event)
            elif event.over:
                run.over = True

    def _run(self, repository: str, run_id: str, attempt: int, due: float = 0.0) -> WatchedRun:
        key = f"{repository}/{run_id}/{attempt}"
        return self.runs.setdefault(key, WatchedRun(repository, run_id, attempt, due))

    def _add_job_event(self, run: WatchedRun, event: RememberedEvent) -> None:
        ended = run.jobs.get(event.job)
        if ended is None and not event.over:
            run.over = False
        if event.over and not ended:
            run.jobs[event.job] = True
            if all(run.jobs.values()):
                run.due = event.at + RUN_DELAY
        run.jobs.setdefault(event.job, event.over)

    def record_jobs(
        self, repository: str, run_id: str, attempt: int, jobs: Mapping[str, bool], now: float
    ) -> None:
        """A run was read. A job that is over stays so, since an answer may be older than a webhook; and one that is not
        listed is over. A run without jobs is held back."""
        run = self._run(repository, run_id, attempt)
        run.read_at = run.newest = now
        run.jobs = {job: run.jobs.get(job, False) or jobs.get(job, True) for job in {**run.jobs, **jobs}}
        run.due, run.over = 0.0, bool(run.jobs) and all(run.jobs.values())

    def ended(self, run: WatchedRun) -> None:
        """It does not exist any more, or not for us."""
        run.due, run.over = 0.0, True

    def mark_read(self, name: str, now: float, *, blocked: bool = False) -> None:
        """A repository was read."""
        one = self.repositories.setdefault(name, WatchedRepository())
        one.read_at, one.blocked = now, blocked

    def drop_finished(self, now: float) -> None:
        """Drop runs that are over, and the oldest if there are too many."""
        kept = [one for one in self.runs.items() if not one[1].over or one[1].newest > now - KEEP_SECONDS]
        self.runs = dict(sorted(kept, key=lambda one: one[1].newest)[-RUNS:])

    # What to read

    def due(self, now: float) -> list[str | WatchedRun]:
        """Repositories by name and runs, the longest waiting first."""
        names = {name: self.repositories[name].pushed + WEBHOOK_DELAY for name in self._missed_pushes(now)}
        runs = {key: run.due for key, run in self.runs.items() if not run.over and 0 < run.due <= now}
        waiting = sorted((names | runs).items(), key=lambda one: one[1])
        return [self.runs.get(key, key) for key, _ in waiting][:MAX_DUE]

    def _missed_pushes(self, now: float) -> list[str]:
        since = now - WEBHOOK_DELAY - RETRIES[-1]
        return [
            name
            for name, one in self.repositories.items()
            if since <= one.pushed <= now - WEBHOOK_DELAY
            and one.last_webhook < one.pushed
            and not one.blocked
            and _is_due(one, now)
        ]

    def in_turn(self, now: float) -> list[str | WatchedRun]:
        """Those that were not read for longest."""
        runs = [run for run in self.runs.values() if not run.over and not run.due]
        busy = self._oldest(lambda one: one.pushed > now - RECENT and not one.blocked)[:BUSY]
        quiet = self._oldest(lambda one: one.pushed <= now - RECENT or one.blocked)[:QUIET]
        return [*sorted(runs, key=lambda run: run.read_at)[:OPEN], *busy, *quiet]

    def _oldest(self, wanted: Callable[[WatchedRepository], bool]) -> list[str]:
        found = [name for name, one in self.repositories.items() if wanted(one)]
        return sorted(found, key=lambda name: self.repositories[name].read_at)


def _is_due(one: WatchedRepository, now: float) -> bool:
    """Whether a reading of RETRIES is due."""
    return any(one.read_at < one.pushed + WEBHOOK_DELAY + after <= now for after in RETRIES)
