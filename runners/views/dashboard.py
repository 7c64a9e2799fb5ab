"""The overview of a team: what runs, what waits and why, what today costs; before the first job, what is missing."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.conf import settings
from django.db.models import Count
from django.shortcuts import render
from django.utils import timezone

from billing import ledger, wallets
from runners.models import VM, Job, Pool
from runners.views.rows import board, rows
from tfci.accounts.access import may, requires
from tfci.forges.models import LinkedOrg
from tfci.tft import Tft

SHOWN = 12  # jobs
DAY = timedelta(days=1)
SILENT = timedelta(minutes=5)  # without a poll


@dataclass(frozen=True, slots=True)
class Day:
    """The jobs that ended in the last 24 hours, in numbers."""

    ended: int
    passed: int
    failed: int
    wait: timedelta | None  # median, from queued to the first step

    @property
    def percent(self) -> str:
        told = self.passed + self.failed
        return f"{100 * self.passed / told:.1f}" if told else ""


@requires("jobs.read")
def overview(request):
    """With htmx only what changes."""
    now = timezone.now()
    linked = list(LinkedOrg.objects.of(request.team).filter(unlinked_at=None).order_by("name"))
    context = {"orgs": [(org, health(org, now)) for org in linked], "now": now}
    context |= present(request.team, now)
    if not context["day"].ended and not context["rows"]:
        context |= first_steps(request, linked)
    return render(request, "runners/overview.html#live" if request.htmx else "runners/overview.html", context)


def present(team, now: datetime) -> dict:
    """What goes on now, and what today was like."""
    still_open = board(team).exclude(state__in=[Job.State.COMPLETED, Job.State.REFUSED]).order_by("-pk")
    found = rows(still_open[: SHOWN + 1], now)
    alive = VM.objects.filter(team=team).exclude(state=VM.State.GONE)
    machines = dict(alive.values_list("state").annotate(Count("pk")).order_by())
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    spent = ledger.spent_by_day(team, midnight, timezone.get_current_timezone())
    return {
        "rows": found[:SHOWN],
        "more": len(found) > SHOWN,
        "running": sum(row.job.state == Job.State.IN_PROGRESS for row in found),
        "queued": sum(row.job.state == Job.State.QUEUED for row in found),
        "held": sum(row.job.state == Job.State.WAITING for row in found),
        "machines": machines,
        "machine_count": sum(machines.values()),
        "day": _day(team, now),
        "spent": Tft(sum(row["amount"] for row in spent)),
        "spent_by": spent,
        "balance": wallets.of(team, now).balance,
    }


def _day(team, now: datetime) -> Day:
    ended = Job.objects.of(team).filter(state=Job.State.COMPLETED, completed_at__gte=now - DAY)
    told = list(ended.values_list("conclusion", "queued_at", "started_at"))
    waits = [max(start - queued, timedelta()) for _, queued, start in told if start]
    conclusions = [conclusion for conclusion, _, _ in told]
    return Day(
        ended=len(told),
        passed=conclusions.count("success"),
        failed=conclusions.count("failure"),
        wait=median(waits) if waits else None,
    )


def health(org: LinkedOrg, now: datetime) -> tuple[str, str]:
    """A look and a word: how well we hear of an organisation's jobs."""
    if org.unlinking_at:
        return "cancelled", "Unlinking"
    if org.trouble:
        return "failure", "Needs you"
    if org.limited_until and org.limited_until > now:
        return "queued", "Wants fewer calls"
    if org.polled_at is None or now - org.polled_at > SILENT:
        return "queued", "Not polled lately"
    return "success", "Well"


def first_steps(request, linked: list[LinkedOrg]) -> dict:
    """For a team without a job: link, pool, push; each ticks itself."""
    if Job.objects.of(request.team).exists():
        return {}
    pool = Pool.objects.of(request.team).filter(closed_at=None).order_by("position", "pk").first()
    return {
        "first": True,
        "linked": linked,
        "pool": pool,
        "label": runs_on(pool),
        "may_link": may(request.role, "orgs.link"),
        "may_pool": may(request.role, "pools.change"),
    }


def runs_on(pool: Pool | None) -> str:
    """What a workflow writes to reach that pool."""
    if pool is None or not pool.anchors:
        return settings.ANCHOR
    return pool.anchors[0] if len(pool.anchors) == 1 else f"[{', '.join(pool.anchors)}]"
