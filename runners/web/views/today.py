"""A team's last 24 hours in numbers: how many jobs passed, what they cost, and where their waiting went.

`now` is in the reader's zone: hours and days begin there.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median, quantiles
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import TruncHour
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from billing import ledger, quotes
from runners.jobs import timeline
from runners.models import Job
from runners.web.views.jobs.rows import board
from runners.web.views.nodes.list import dollars
from tfci.accounts.access import requires
from tfci.accounts.models import Team
from tfci.accounts.requests import TeamRequest
from tfci.core.optional import present
from tfci.core.reasons import Owner
from tfci.core.tft import Tft
from tfci.grid import registry

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
HOURS = 24
SAMPLE = 100  # started jobs whose waiting is looked into


@dataclass(frozen=True, slots=True)
class Hour:
    """Jobs that were heard of within one hour, in percent of the fullest hour."""

    passed: float
    failed: float


@dataclass(frozen=True, slots=True)
class Waits:
    """How long jobs of one kind waited: the median, and whose time it was, owner -> share of all of it."""

    lengths: list[timedelta] = field(default_factory=list)
    owners: Counter[str] = field(default_factory=Counter)

    @property
    def median(self) -> timedelta:
        return median(self.lengths)  # type: ignore[type-var]  # it halves what adds up

    @property
    def shares(self) -> list[tuple[Owner, float, float]]:
        """Owner, where its part of the bar begins, how long it is; both in percent."""
        whole, made, at = sum(self.owners.values()) or 1, [], 0.0
        for owner in dict.fromkeys(timeline.OWNERS.values()):
            if part := 100 * self.owners[owner] / whole:
                made.append((owner, at, part))
                at += part
        return made


@requires("jobs.read")
def today(request: TeamRequest) -> HttpResponse:
    """With htmx only the numbers."""
    now = timezone.localtime()
    context = jobs_of(request.team, now) | waits_of(request.team, now) | spent_of(request.team, now)
    return render(request, "runners/today.html#today" if request.htmx else "runners/today.html", context)


def jobs_of(team: Team, now: datetime) -> dict[str, object]:
    """Counted by the hour in which they were heard of. One query."""
    ended_jobs = Job.objects.of(team).filter(
        discovered_at__gte=now - DAY, state=Job.State.COMPLETED, ours=True
    )
    counts = {"passed": Count("pk", Q(conclusion="success")), "failed": Count("pk", Q(conclusion="failure"))}
    rows = (
        ended_jobs.annotate(hour=TruncHour("discovered_at"))
        .values("hour")
        .annotate(ended=Count("pk"), **counts)
    )
    by_hour: dict[datetime, dict[str, Any]] = {row["hour"]: dict(row) for row in rows.order_by()}
    most = max((row["passed"] + row["failed"] for row in by_hour.values()), default=0) or 1
    passed, failed = (sum(row[key] for row in by_hour.values()) for key in ("passed", "failed"))
    return {
        "ended": sum(row["ended"] for row in by_hour.values()),
        "failed": failed,
        "percent": f"{100 * passed / (passed + failed):.1f}" if passed + failed else "",
        "hours": [_hour(by_hour.get(hour, {}), most) for hour in _hours(now)],
    }


def _hours(now: datetime) -> list[datetime]:
    """The beginnings of the last 24 hours, the present one last."""
    last = now.replace(minute=0, second=0, microsecond=0)
    return [last - n * HOUR for n in reversed(range(HOURS))]


def _hour(row: dict[str, Any], most: int) -> Hour:
    return Hour(100 * row.get("passed", 0) / most, 100 * row.get("failed", 0) / most)


def waits_of(team: Team, now: datetime) -> dict[str, Any]:
    """Of the newest jobs that came to a VM of ours. Three queries."""
    started = board(team).filter(discovered_at__gte=now - DAY, vm__isnull=False, started_at__isnull=False)
    warm, cold = Waits(), Waits()
    for job in timeline.read(started.order_by("-discovered_at")[:SAMPLE]):
        wait = [
            phase
            for phase in timeline.phases(job, timeline.Usual(), now)
            if phase.name != "completed" and phase.status == "done"
        ]
        _add(cold if any(phase.name in timeline.OF_THE_VM for phase in wait) else warm, wait, now)
    lengths = sorted([*warm.lengths, *cold.lengths])
    return {
        "warm": warm,
        "cold": cold,
        "wait": median(lengths) if lengths else None,  # type: ignore[type-var]
        "longest": quantiles(lengths, n=20, method="inclusive")[-1]  # type: ignore[type-var]
        if len(lengths) > 1
        else None,
        "met_warm": round(100 * len(warm.lengths) / len(lengths)) if lengths else None,
    }


def _add(waits: Waits, wait: Iterable[timeline.Phase], now: datetime) -> None:
    took = [(phase.owner, present(phase.took(now))) for phase in wait]
    waits.lengths.append(sum((length for _, length in took), timedelta()))
    for owner, length in took:
        waits.owners[owner] += length.total_seconds()  # type: ignore[assignment]  # counted in parts too


def spent_of(team: Team, now: datetime) -> dict[str, Any]:
    """Since midnight, and by the hour of the last 24. Two queries."""
    rows, at = ledger.spent_by_hour(team, now - DAY), quotes.prices(registry.network())
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    since = [row for row in rows if row["hour"] >= midnight]
    by_hour: Counter[datetime] = Counter()
    uses: Counter[str] = Counter()
    for row in rows:
        by_hour[row["hour"]] += int(row["amount"])
    for row in since:
        uses[row["use"]] += int(row["amount"])
    spent = Tft(sum(uses.values()))
    beside = spent - uses["job"] - uses["server"]
    return {
        "spent": spent,
        "spent_dollars": dollars(spent, at) if at else None,
        "beside_share": round(100 * beside / spent) if spent else 0,
        "spent_hours": [by_hour[hour] for hour in _hours(now)],
    }
