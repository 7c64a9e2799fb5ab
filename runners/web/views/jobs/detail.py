"""One job with its whole way."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from runners.jobs import auto_rerun, failure_advice, lost_jobs, right_sizing, size_advice, timeline
from runners.jobs.labels import wants_arm
from runners.models import Job
from runners.vms import debug_access
from runners.web.views import stay
from runners.web.views.jobs import cost, forge, log, run
from runners.web.views.jobs.rows import board, rows
from tfci.accounts.access import may, requires
from tfci.accounts.requests import TeamRequest
from tfci.forges import registry

# what ends a phase -> what its owner does in it
DOES = {
    "heard": gettext_noop("reports the job"),
    "decided": gettext_noop("decides"),
    "ordered": gettext_noop("orders a VM"),
    "sent": gettext_noop("waits for its turn on the chain"),
    "deployed": gettext_noop("deploys the VM"),
    "booted": gettext_noop("boots"),
    "refreshed": gettext_noop("reboots"),
    "registered": gettext_noop("registers a runner"),
    "started": gettext_noop("hands over the job"),
    "completed": gettext_noop("runs"),
}


@requires("jobs.read")
def job(request: TeamRequest, pk: int) -> HttpResponse:
    """One job. With htmx only what changes while it is not over."""
    now = timezone.now()
    row = board(request.team).defer(None).defer(*timeline.SECRETS)
    [found] = timeline.read([get_object_or_404(row, pk=pk)])
    context = whole(found, now) | forge.offered(request, found)
    context["may_debug"] = may(request.role, "vms.debug") and found.vm and found.vm.state in debug_access.IN
    return render(
        request, "runners/jobs/detail.html#live" if request.htmx else "runners/jobs/detail.html", context
    )


def whole(job: Job, now: datetime) -> dict[str, Any]:
    """All that the page of one job shows, whoever reads it."""
    alike = timeline.similar_jobs(job)
    way = timeline.phases(job, timeline.usual().running(timeline.usual_length(alike)), now)
    running = next((phase for phase in way if phase.name == "completed"), None)
    [row] = rows([job], now)
    here = stay.load(job)
    return {
        **log.card(job, here),
        "row": row,
        "now": now,
        "vm": job.vm or job.awaits,
        **_way(way, now),
        **run.shown(job, running, now),
        **cost.shown(job, row, alike, now),
        "ending": lost_jobs.ending(job),
        "forge_title": registry.kind(job.connection.forge).title,
        "remedy": failure_advice.remedy(job),
        "again": auto_rerun.outcome(job),
        "advice": right_sizing.of_job(job, now),
        "enough": size_advice.ENOUGH,
        "emulated": any(map(wants_arm, job.labels)),
        "events": stay.events(job, here),
        "alike": [other for other in alike if other.pk != job.pk],
        "live": stay.is_live(job, here),
    }


def _way(way: list[timeline.Phase], now: datetime) -> dict[str, Any]:
    """Phase by phase up to its first step; how it ran has an axis of its own."""
    shown = [phase for phase in way if phase.name != "completed" or phase.status == "next"]
    return {
        "way": [(phase, phase.took(now), gettext(DOES[phase.name])) for phase in shown],
        "present": next((phase for phase in way if phase.status == "now"), None),
        "wait_end": _end_of_wait(way, now),
    }


def _end_of_wait(way: list[timeline.Phase], now: datetime) -> datetime:
    """Where the axis of the wait ends: at the first step, or where that is expected, or now."""
    wait = [phase for phase in way if phase.name != "completed"]
    until = [phase.stop for phase in wait if phase.stop] + [now for phase in wait if phase.status != "done"]
    return max(until, default=now)
