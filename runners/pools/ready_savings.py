"""What a schedule would have saved a pool's jobs of the last 30 days, from their rows."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from runners.models import Job, Pool
from runners.pools.kept_ready import usual
from runners.pools.ready_replay import Arrival, Saved, replay
from runners.pools.schedule import Schedule

SPAN = timedelta(days=30)  # whose jobs are played again
MAX_JOBS = 5_000  # of them, the newest
MIN_JOBS = 20  # before they say anything


@dataclass(frozen=True, slots=True)
class Savings:
    """Over that many jobs since then. `whole`: none of them was left out."""

    since: datetime
    jobs: int
    whole: bool
    saved: Saved


class RanJob(NamedTuple):
    """A job with the VM that it ran on: when that was wanted, and when it was ready."""

    discovered_at: datetime
    size: str
    started_at: datetime
    completed_at: datetime | None
    wanted_at: datetime
    ready_at: datetime


def of_last_days(pool: Pool, plan: Schedule, now: datetime) -> Savings | None:
    """What this schedule would have saved the pool's latest jobs; None where they are too few to say. One query."""
    jobs = _ran(pool, now) if pool.pk else []
    if len(jobs) < MIN_JOBS:
        return None
    took: dict[str, list[timedelta]] = defaultdict(list)
    for job in jobs:
        took[job.size].append(job.ready_at - job.wanted_at)
    boots = {size: usual(each) for size, each in took.items()}
    whole = len(jobs) < MAX_JOBS
    since = now - SPAN if whole else min(job.discovered_at for job in jobs)
    saved = replay((_arrival(job, now) for job in jobs), plan, boots, pool.max_vms)
    return Savings(since, len(jobs), whole, saved)


def _ran(pool: Pool, now: datetime) -> list[RanJob]:
    """Jobs that got a VM, the newest first."""
    lately = Job.objects.filter(team=pool.team_id, pool=pool, discovered_at__gte=now - SPAN)
    ran = lately.exclude(started_at=None).exclude(vm__claimed_at=None).order_by("-discovered_at")
    columns = ("discovered_at", "size", "started_at", "completed_at", "vm__created_at", "vm__claimed_at")
    return [RanJob(*row) for row in ran.values_list(*columns)[:MAX_JOBS]]


def _arrival(job: RanJob, now: datetime) -> Arrival:
    """A wait before there was a VM, for money or a place, is no wait for its boot."""
    waited = job.ready_at - max(job.discovered_at, job.wanted_at)
    ran = (job.completed_at or now) - job.started_at
    return Arrival(job.discovered_at, job.size, max(waited, timedelta()), max(ran, timedelta()))
