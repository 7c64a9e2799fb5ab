"""How many VMs a pool is to keep ready now: by its numbers and its schedule, started ahead so that they are ready at
the hour."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import chain

from runners.jobs import timeline
from runners.models import VM, Pool
from runners.pools.schedule import Schedule
from tfci.core.optional import present

MIN_LEAD, MAX_LEAD = timedelta(minutes=1), timedelta(hours=1)
RECENT = 100  # VMs of a pool whose boots a median is taken over


def schedule(pool: Pool) -> Schedule:
    """Of a pool with its team."""
    return Schedule.read(pool.min_vms, pool.schedule, pool.team.zone)


def numbers(pool: Pool, now: datetime) -> Mapping[str, int]:
    """Size -> VMs to be ready, or on their way to be ready in time. How long they take is asked only where more are to
    be ready within the hour."""
    plan = schedule(pool)
    sizes = {row.size for row in plan.rows}
    if plan.ahead(now, dict.fromkeys(sizes, MAX_LEAD)) == plan.at(now):
        return plan.at(now)
    return plan.ahead(now, usual_boots(pool, sizes))


def usual_boots(pool: Pool, sizes: Iterable[str]) -> dict[str, timedelta]:
    """How long a VM of each size takes from its request until it is ready: the median of the pool's newest, else of
    those of its other sizes, else of all teams."""
    vms = VM.objects.filter(pool=pool).exclude(claimed_at=None).order_by("-pk")
    took: dict[str, list[timedelta]] = defaultdict(list)
    for vm in vms.only("cpu", "memory_gb", "disk_gb", "created_at", "claimed_at")[:RECENT]:
        took[vm.size].append(present(vm.claimed_at) - vm.created_at)
    others = list(chain.from_iterable(took.values())) or [_usual_elsewhere()]
    return {size: usual(took.get(size) or others) for size in sizes}


def _usual_elsewhere() -> timedelta:
    phases = timeline.usual().phases
    return sum((phases.get(name, timedelta()) for name in timeline.ANEW), timedelta())


def usual(took: list[timedelta]) -> timedelta:
    """Their median, within what VMs are started ahead."""
    return min(max(timeline.median_length(took), MIN_LEAD), MAX_LEAD)
