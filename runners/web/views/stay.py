"""A job's stay on its VM, which may have run other jobs before it and after it."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from runners.jobs import timeline
from runners.models import VM, Event, Job, Refresh

EVENTS = 60  # of one job and its VM


@dataclass(frozen=True, slots=True)
class Stay:
    """`since`: from the reboot that made it free for this job; `until`: the VM had come back for the next. None
    where it ran no other. `tail`: what agent and engine said in it."""

    since: datetime | None = None
    until: datetime | None = None
    tail: str = ""


def load(job: Job) -> Stay:
    """Of a job that timeline.read() has read."""
    vm, runner = job.vm or job.awaits, timeline.runner_of(job)
    if vm is None:
        return Stay()
    came = timeline.refresh_of(vm, runner)
    began_at = came.began_at if came else None
    left = _next(vm, runner.bound_at) if runner else None
    if runner and left and left.claimed_at:
        return Stay(began_at, left.claimed_at, runner.tail)
    waits = runner is None and vm.state == VM.State.REFRESHING  # its tail is still of the job before
    return Stay(began_at, None, "" if waits else vm.tail)


def is_live(job: Job, stay: Stay) -> bool:
    """Whether it may still change: it is not over, or its VM still works for it."""
    return job.state in Job.OPEN or bool(job.vm and job.vm.state != VM.State.GONE and not stay.until)


def events(job: Job, stay: Stay) -> list[Event]:
    """What happened to the job, and to its VM while it stayed there; the newest first."""
    found = Event.objects.filter(_theirs(job, stay), team=job.team_id).select_related("vm")
    return list(found.order_by("-id")[:EVENTS])


def _theirs(job: Job, stay: Stay) -> Q:
    vm = job.vm or job.awaits
    if vm is None:
        return Q(job=job)
    meanwhile = Q(vm=vm)
    meanwhile &= Q(at__gte=stay.since) if stay.since else Q()
    meanwhile &= Q(at__lte=stay.until) if stay.until else Q()
    return Q(job=job) | meanwhile


def _next(vm: VM, after: datetime) -> Refresh | None:
    later = [one for one in vm.refreshes.all() if one.began_at > after] if vm.scope else []
    return min(later, key=lambda one: one.began_at, default=None)
