"""One job with its whole way."""

from datetime import datetime

from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from runners import advice, again, debugging, ending, legs, remedies
from runners.models import VM, Job
from runners.rules import sizing
from runners.rules.labels import wants_arm
from runners.views import job_cost, job_forge, job_run, stay
from runners.views.rows import board, rows
from tfci.accounts.access import may, requires
from tfci.forges import connect

# what ends a leg -> what its owner does in it
DOES = {
    "heard": "tells us",
    "decided": "decides",
    "ordered": "orders a machine",
    "sent": "takes its turn on the chain",
    "deployed": "deploys it",
    "booted": "boots",
    "refreshed": "starts anew",
    "registered": "registers a runner",
    "started": "hands over the job",
    "completed": "runs",
}


@requires("jobs.read")
def job(request, pk):
    """One job. With htmx only what changes while it is not over."""
    now = timezone.now()
    row = board(request.team).defer(None).defer(*legs.SECRETS)
    [found] = legs.read([get_object_or_404(row, pk=pk)])
    context = whole(found, now) | job_forge.offered(request, found)
    context["may_debug"] = may(request.role, "vms.debug") and found.vm and found.vm.state in debugging.IN
    return render(request, "runners/job.html#live" if request.htmx else "runners/job.html", context)


def whole(job: Job, now: datetime) -> dict:
    """All that the page of one job shows, whoever reads it."""
    alike = legs.alike(job)
    way = legs.of(job, legs.usual().running(legs.usual_length(alike)), now)
    running = next((leg for leg in way if leg.name == "completed"), None)
    [row] = rows([job], now)
    here = stay.of(job)
    return {
        "job": job,
        "row": row,
        "now": now,
        "machine": job.vm or job.awaits,
        **_way(way, now),
        **job_run.shown(job, running, now),
        **job_cost.shown(job, row, now),
        "ending": ending.shown(job),
        "forge_title": connect.kind(job.org.forge).title,
        "remedy": remedies.remedy(job),
        "again": again.told(job),
        "advice": advice.of_job(job, now),
        "enough": sizing.ENOUGH,
        "emulated": any(map(wants_arm, job.labels)),
        "events": stay.events(job, here),
        "tail": here.tail,
        "alike": [other for other in alike if other.pk != job.pk],
        "live": job.state in Job.OPEN or bool(job.vm and job.vm.state != VM.State.GONE and not here.until),
    }


def _way(way: list[legs.Leg], now: datetime) -> dict:
    """Leg by leg up to its first step; how it ran has an axis of its own."""
    shown = [leg for leg in way if leg.name != "completed" or leg.phase == "next"]
    return {
        "way": [(leg, leg.took(now), DOES[leg.name]) for leg in shown],
        "present": next((leg for leg in way if leg.phase == "now"), None),
        "wait_end": _end_of_wait(way, now),
    }


def _end_of_wait(way: list[legs.Leg], now: datetime) -> datetime:
    """Where the axis of the wait ends: at the first step, or where that is expected, or now."""
    wait = [leg for leg in way if leg.name != "completed"]
    until = [leg.stop for leg in wait if leg.stop] + [now for leg in wait if leg.phase != "done"]
    return max(until, default=now)
