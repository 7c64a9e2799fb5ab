"""Jobs as lists show them: for the board, the overview and an organisation's page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import QuerySet

from runners.jobs import costs as job_costs, timeline, wait_reason
from runners.jobs.costs import JobCost
from runners.models import Job
from tfci.accounts.models import Team
from tfci.core.list_prices.current import GITHUB
from tfci.core.tft import Tft


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as lists show it. `cost` is its full one, `so_far` while its VM is there. `github`: USD for the same
    minutes there."""

    job: Job
    cause: wait_reason.Cause | None
    waited: timedelta | None
    ran: timedelta | None
    cost: Tft | None
    so_far: bool
    stood_by: bool  # its VM was there before it
    github: Decimal | None


def board(team: Team) -> QuerySet[Job]:
    """The team's jobs with all that lists show of them."""
    return timeline.joined(Job.objects.of(team))


def rows(jobs: Iterable[Job], now: datetime) -> list[JobRow]:
    """For jobs of board(). At most six queries."""
    jobs = timeline.read(jobs)
    usual = timeline.usual() if any(job.awaits for job in jobs) else timeline.Usual()
    costs = job_costs.by_job(jobs, now)
    return [_row(job, usual, costs[job.pk], now) for job in jobs]


def _row(job: Job, usual: timeline.Usual, cost: JobCost, now: datetime) -> JobRow:
    ended = timeline.moments(job)
    started, completed, ready = ended["started"], ended["completed"], ended["refreshed"] or ended["booted"]
    over = job.state == Job.State.COMPLETED
    waited = started or (None if over or job.state in Job.SET_ASIDE else now)
    ran = (completed or now) - started if started else None
    return JobRow(
        job,
        wait_reason.cause(job, usual, now),
        max(waited - job.queued_at, timedelta()) if waited else None,
        ran,
        cost.total,
        so_far=cost.so_far,
        stood_by=bool(job.vm and ready and ready <= job.discovered_at),
        github=GITHUB.charge(job.vm.cpu, ran) if job.vm and ran and over else None,
    )
