"""How long jobs waited of late, over all teams: median and slowest twentieth, by phase and by region. For everybody to
read, so it names no team, and a region only where several teams' jobs hide each one's."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import prefetch_related_objects

from runners.jobs import timeline
from runners.models import Runner
from tfci.core.optional import present

MAX_JOBS = 2000  # of the newest jobs are read, however many there are
MIN_JOBS = 20  # jobs behind a figure
MIN_TEAMS = 3  # behind a region's
READ = [
    *(
        "bound_at",
        "registered_at",
        "started_at",
        "taken_at",
        "asked_for__discovered_at",
        "asked_for__decided_at",
    ),
    *(
        "job__queued_at",
        "job__discovered_at",
        "job__started_at",
        "job__team_id",
        "vm__created_at",
        "vm__ordered_at",
    ),
    *("vm__scope", "vm__sent_at", "vm__deployed_at", "vm__claimed_at", "vm__node__region"),
]


@dataclass(frozen=True, slots=True)
class Figures:
    """Over that many jobs."""

    jobs: int
    p50: timedelta
    p95: timedelta


@dataclass(frozen=True, slots=True)
class WaitRecord:
    """Of the `jobs` that started since then. `whole`: none of them was left out. Phases and regions that too few jobs
    went through are missing; `start` is from the queue to the start, None where they are too few."""

    since: datetime
    jobs: int
    whole: bool
    start: Figures | None = None
    phases: dict[str, Figures] = field(default_factory=dict)
    regions: dict[str, Figures] = field(default_factory=dict)


def measure(since: datetime) -> WaitRecord:
    """The record since then. One query, and one more where VMs were refreshed."""
    taken = Runner.objects.exclude(taken_at=None).exclude(job=None).order_by("-pk")
    newest = list(taken.select_related("vm__node", "asked_for", "job").only(*READ)[:MAX_JOBS])
    late = [runner for runner in newest if present(runner.taken_at) >= since]
    prefetch_related_objects([runner.vm for runner in late if runner.vm.scope], "refreshes")
    return WaitRecord(
        since,
        len(late),
        len(late) < MAX_JOBS,
        figures([waited(runner) for runner in late]),
        _by_phase(late),
        _by_region(late),
    )


def waited(runner: Runner) -> timedelta:
    """From the queue to the start, of the job that it took."""
    job = present(runner.job)
    return max(present(timeline.started(job, runner)) - job.queued_at, timedelta())


def _by_phase(runners: Iterable[Runner]) -> dict[str, Figures]:
    lengths = defaultdict(list)
    for runner in runners:
        for name, start, stop in _phases(runner):
            if start and stop:
                lengths[name].append(max(stop - start, timedelta()))
    known = {name: figures(lengths[name]) for name in timeline.OWNERS if name in lengths}
    return {name: found for name, found in known.items() if found}


def _phases(runner: Runner) -> Iterator[tuple[str, datetime | None, datetime | None]]:
    job = present(runner.job)
    yield "heard", job.queued_at, job.discovered_at
    yield from timeline.spent(runner)


def _by_region(runners: Iterable[Runner]) -> dict[str, Figures]:
    waits, teams = defaultdict(list), defaultdict(set)
    for runner in runners:
        if runner.vm.node and runner.vm.node.region:
            waits[runner.vm.node.region].append(waited(runner))
            teams[runner.vm.node.region].add(present(runner.job).team_id)
    hidden = {name: figures(waits[name]) for name in sorted(waits) if len(teams[name]) >= MIN_TEAMS}
    return {name: found for name, found in hidden.items() if found}


def figures(lengths: list[timedelta]) -> Figures | None:
    """None where they are too few for figures. By nearest rank: each figure is one that a job had."""
    if len(lengths) < MIN_JOBS:
        return None
    ranked = sorted(lengths)
    return Figures(len(ranked), _rank(ranked, 50), _rank(ranked, 95))


def _rank(ranked: list[timedelta], percent: int) -> timedelta:
    return ranked[-(-percent * len(ranked) // 100) - 1]
