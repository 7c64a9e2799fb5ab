"""The overview of a team: whether all is well, what runs, what waits and why, and what needs somebody."""

from collections import Counter
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from runners.connections import health, health_facts
from runners.metering import charges
from runners.models import VM, Job, Pool
from runners.reasons import catalogue
from runners.web.views import needs
from runners.web.views.jobs.rows import board, rows
from tfci.accounts.access import may, requires
from tfci.accounts.models import Team
from tfci.accounts.requests import TeamRequest
from tfci.core.reasons import Reason
from tfci.forges.models import Connection

SHOWN = 12  # jobs
STARTING = (VM.State.WANTED, VM.State.DEPLOYING, VM.State.BOOTING, VM.State.REFRESHING)
BUSY = (VM.State.ASSIGNED, VM.State.BUSY, VM.State.KEPT)


@requires("jobs.read")
def overview(request: TeamRequest) -> HttpResponse:
    """With htmx only what changes. A team that never had a job is led to its first one."""
    now = timezone.now()
    context = present(request.team, now)
    if not (context["rows"] or "skip" in request.GET or Job.objects.of(request.team).exists()):
        return redirect("start", request.team.slug)
    context["may_link"] = may(request.role, "connections.change")
    return render(request, "runners/overview.html#live" if request.htmx else "runners/overview.html", context)


def present(team: Team, now: datetime) -> dict[str, Any]:
    """What goes on now. Nine queries."""
    served = Pool.objects.filter(connections=OuterRef("pk"), closing_at=None, closed_at=None)
    linked = Connection.objects.of(team).filter(disconnected_at=None).annotate(is_served=Exists(served))
    connections = health.assess(health_facts.counted(linked, now).order_by("name"), now)
    purse = charges.purse(team, now)
    counts, refused = _open_jobs(team)
    found = needs.find(team, connections, purse, refused, now)
    theirs = board(team).filter(ours=True).exclude(state__in=[Job.State.COMPLETED, Job.State.REFUSED])
    return {
        "now": now,
        "connections": connections,
        "purse": purse,
        "rows": rows(theirs.order_by("-pk")[:SHOWN], now),
        "running": counts[Job.State.IN_PROGRESS],
        "queued": counts[Job.State.QUEUED],
        "held": counts[Job.State.WAITING],
        "vms": _vms(team),
        "needs": found,
        "mood": found[0].look if found else "success",
    }


def _open_jobs(team: Team) -> tuple[Counter[str], list[tuple[Reason, int]]]:
    """How many there are by state; and the refused ones by reason, the most common first."""
    still_open = Job.objects.of(team).filter(ours=True).exclude(state=Job.State.COMPLETED)
    counts: Counter[str] = Counter()
    refused: Counter[Reason] = Counter()
    grouped = still_open.values_list("state", "reason", "reason_params").annotate(Count("pk"))
    for state, code, params, count in grouped.order_by():
        counts[state] += count
        if state == Job.State.REFUSED:
            refused[catalogue.read(code, params)] += count
    return counts, refused.most_common()


def _vms(team: Team) -> dict[str, int]:
    """All that are not gone, by what they do."""
    alive = VM.objects.filter(team=team).alive()
    states = dict(alive.values_list("state").annotate(Count("pk")).order_by())
    return {
        "all": sum(states.values()),
        "busy": sum(states.get(state, 0) for state in BUSY),
        "ready": states.get(VM.State.STANDBY, 0),
        "starting": sum(states.get(state, 0) for state in STARTING),
        "leaving": states.get(VM.State.REMOVING, 0),
    }
