"""Jobs that arrived, played again against VMs kept ready by a schedule: how many of them would have found one, and how
long they would not have waited for a boot. Pure.

A VM that a job finds is replaced by one that boots, where the pool's maximum has a place for it; else when a job ends.
Jobs come before what is kept ready, as in planner.py.
"""

from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush

from runners.pools.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Arrival:
    """A job as it came: how long it really waited for its VM to boot, and how long it ran."""

    at: datetime
    size: str
    waited: timedelta
    ran: timedelta


@dataclass(frozen=True, slots=True)
class Saved:
    """Jobs that would have waited less, and by how much together."""

    jobs: int
    waiting: timedelta


def replay(
    arrivals: Iterable[Arrival], schedule: Schedule, boots: Mapping[str, timedelta], max_vms: int
) -> Saved:
    """`boots`: how long a VM of each size takes to be ready."""
    pool, saved = _ReplayedPool(schedule, boots, max_vms), []
    for job in sorted(arrivals, key=lambda job: job.at):
        if pool.take(job) and job.waited:
            saved.append(job.waited)
    return Saved(len(saved), sum(saved, timedelta()))


class _ReplayedPool:
    """`ready_at`: by size, when each VM kept ready is or will be ready, the first of them first; `ends`: of jobs that
    run, the first first."""

    def __init__(self, schedule: Schedule, boots: Mapping[str, timedelta], max_vms: int) -> None:
        self.schedule, self.boots, self.max_vms = schedule, boots, max_vms
        self.ready_at: dict[str, list[datetime]] = defaultdict(list)
        self.ends: list[datetime] = []
        self.numbers: Mapping[str, int] = {}  # of the schedule, when it was last followed

    def take(self, job: Arrival) -> bool:
        """Whether a job finds a VM that is ready."""
        while self.ends and self.ends[0] <= job.at:
            self._follow(heappop(self.ends))
        self._follow(job.at)
        waiting = self.ready_at[job.size]
        found = bool(waiting) and waiting[0] <= job.at
        if found:
            waiting.pop(0)
        elif self._vms >= self.max_vms:
            self._give_way()
        heappush(self.ends, job.at + job.ran + (timedelta() if found else job.waited))
        self._follow(job.at)
        return found

    @property
    def _vms(self) -> int:
        return len(self.ends) + sum(map(len, self.ready_at.values()))

    def _give_way(self) -> None:
        for waiting in self.ready_at.values():
            if waiting:
                waiting.pop()
                return

    def _follow(self, now: datetime) -> None:
        """As many as the schedule asks for. One that it newly asks for was started ahead and is ready; one in the place
        of another boots."""
        numbers = self.schedule.at(now)
        for size in {**self.numbers, **numbers}:
            waiting, wanted = self.ready_at[size], numbers.get(size, 0)
            del waiting[wanted:]
            newly = wanted - self.numbers.get(size, 0)
            while len(waiting) < wanted and self._vms < self.max_vms:
                insort(waiting, now if newly > 0 else now + self.boots.get(size, timedelta()))
                newly -= 1
        self.numbers = numbers
