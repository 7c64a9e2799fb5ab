"""Which repositories and runs of an organisation are asked for jobs: GitHub has no list over all, and counts calls.

Pure: what is known of each, and the time, go in. Two things are *due*. A repository that was pushed to, and of which no
webhook has told since; and a run a while after its first webhook, for that may have told of one job and not of the
next, and a while after all that is known of it has ended, for then a job may have followed. A run costs one call. What
is open, and every other repository, has its *turn*, with the calls that are left over.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated

import msgspec

from tfci.forges.github.webhooks import RememberedEvent

UNTOLD = 3.0  # seconds after a push until its webhooks are missed
AGAIN = (0.0, 10.0, 25.0, 60.0)  # seconds after UNTOLD at which such a repository is asked
ONCE = 8.0  # seconds after a run's webhook until it is asked all the same
MOST = 30  # that are due in one turn
OPEN, BUSY, QUIET = 6, 3, 1  # that have their turn at once: open runs, busy repositories, quiet ones
LATELY = 30 * 86400.0  # seconds; what was not pushed to for so long is quiet
KEPT = 300.0  # seconds for which a run that is over is remembered, for webhooks come late
RUNS = 5000  # that are remembered


class Watched(msgspec.Struct, array_like=True):
    """A repository. Times in seconds; 0 for never."""

    pushed: float = 0.0
    asked: float = 0.0
    told: float = 0.0  # when a webhook told of it last
    barred: bool = False  # refused, or gone: asked in its turn only


class WatchedRun(msgspec.Struct, array_like=True):
    """One attempt of a run. `jobs`: by id, whether they are over. `due`: when it is to be asked; 0 for never."""

    repository: str
    run_id: str
    attempt: int
    due: float = 0.0
    newest: float = 0.0  # when it was told of, or asked
    asked: float = 0.0
    jobs: dict[str, bool] = {}
    over: bool = False


class Watch(msgspec.Struct):
    """All that is remembered of an organisation's repositories, by full name, and of their runs."""

    repositories: dict[Annotated[str, msgspec.Meta(max_length=300)], Watched] = {}
    runs: dict[str, WatchedRun] = {}
    listed: float = 0.0  # the newest push that the list has shown
    whole: bool = False  # the list was once read to its end

    # What is known

    def note(self, pushes: Iterable[tuple[str, float]]) -> None:
        for name, pushed in pushes:
            known = self.repositories.setdefault(name, Watched())
            if pushed > known.pushed:
                known.pushed, known.barred = pushed, False
            self.listed = max(self.listed, pushed)

    def hear(self, words: Iterable[RememberedEvent]) -> None:
        """What webhooks told; the same word may come again and again."""
        for word in words:
            if known := self.repositories.get(word.repository):
                known.told = max(known.told, word.at)
            run = self._run(word.repository, word.run_id, word.attempt, due=word.at + ONCE)
            run.newest = max(run.newest, word.at)
            if word.job:
                self._hear_job(run, word)
            elif word.over:
                run.over = True

    def _run(self, repository: str, run_id: str, attempt: int, due: float = 0.0) -> WatchedRun:
        key = f"{repository}/{run_id}/{attempt}"
        return self.runs.setdefault(key, WatchedRun(repository, run_id, attempt, due))

    def _hear_job(self, run: WatchedRun, word: RememberedEvent) -> None:
        ended = run.jobs.get(word.job)
        if ended is None and not word.over:
            run.over = False
        if word.over and not ended:
            run.jobs[word.job] = True
            if all(run.jobs.values()):
                run.due = word.at + ONCE
        run.jobs.setdefault(word.job, word.over)

    def read(self, repository: str, run_id: str, attempt: int, jobs: Mapping[str, bool], now: float) -> None:
        """A run was asked. A job that is over stays so, for an answer may be older than a webhook; and one that is not
        listed is over. A run without jobs is held back."""
        run = self._run(repository, run_id, attempt)
        run.asked = run.newest = now
        run.jobs = {job: run.jobs.get(job, False) or jobs.get(job, True) for job in {**run.jobs, **jobs}}
        run.due, run.over = 0.0, bool(run.jobs) and all(run.jobs.values())

    def ended(self, run: WatchedRun) -> None:
        """It is not there any more, or not for us."""
        run.due, run.over = 0.0, True

    def asked(self, name: str, now: float, *, barred: bool = False) -> None:
        """A repository was asked."""
        one = self.repositories.setdefault(name, Watched())
        one.asked, one.barred = now, barred

    def forget(self, now: float) -> None:
        """Runs that are over, and the oldest where there are too many."""
        kept = [one for one in self.runs.items() if not one[1].over or one[1].newest > now - KEPT]
        self.runs = dict(sorted(kept, key=lambda one: one[1].newest)[-RUNS:])

    # Whom to ask

    def due(self, now: float) -> list[str | WatchedRun]:
        """Repositories by name and runs, the longest waiting first."""
        names = {name: self.repositories[name].pushed + UNTOLD for name in self._untold(now)}
        runs = {key: run.due for key, run in self.runs.items() if not run.over and 0 < run.due <= now}
        waiting = sorted((names | runs).items(), key=lambda one: one[1])
        return [self.runs.get(key, key) for key, _ in waiting][:MOST]

    def _untold(self, now: float) -> list[str]:
        since = now - UNTOLD - AGAIN[-1]
        return [
            name
            for name, one in self.repositories.items()
            if since <= one.pushed <= now - UNTOLD
            and one.told < one.pushed
            and not one.barred
            and _is_due(one, now)
        ]

    def in_turn(self, now: float) -> list[str | WatchedRun]:
        """Those that nobody has asked for longest."""
        runs = [run for run in self.runs.values() if not run.over and not run.due]
        busy = self._oldest(lambda one: one.pushed > now - LATELY and not one.barred)[:BUSY]
        quiet = self._oldest(lambda one: one.pushed <= now - LATELY or one.barred)[:QUIET]
        return [*sorted(runs, key=lambda run: run.asked)[:OPEN], *busy, *quiet]

    def _oldest(self, wanted: Callable[[Watched], bool]) -> list[str]:
        found = [name for name, one in self.repositories.items() if wanted(one)]
        return sorted(found, key=lambda name: self.repositories[name].asked)


def _is_due(one: Watched, now: float) -> bool:
    """Whether a question of AGAIN is due that was not asked yet."""
    return any(one.asked < one.pushed + UNTOLD + after <= now for after in AGAIN)
