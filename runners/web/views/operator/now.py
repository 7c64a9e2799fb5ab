"""What goes on behind the pages: processes, queues, what is due, VMs in numbers, and what is wrong with money."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Value
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from billing import verification
from billing.money_problems import current
from billing.money_problems.rules import Place
from runners.models import VM, Job
from runners.reasons.waits import WaitCode
from tfci.accounts.access import operator
from tfci.accounts.requests import SignedInRequest
from tfci.celery import QUEUES, SCHEDULE
from tfci.core.processes import worker_heartbeats
from tfci.core.reasons import Reason
from tfci.forges import webhook_inbox
from tfci.forges.models import Connection, ScaleSet

DOES = {
    "decide": gettext_lazy("reconciles pools and places VMs"),
    "act": gettext_lazy("runs the steps of VMs, deploys them on the grid"),
    "ask": gettext_lazy("polls and cleans up forges"),
    "hear": gettext_lazy("listens to scale sets, if enabled"),
    "upkeep": gettext_lazy("other scheduled work: cleanup, charges, prices"),
}
WHERE = {  # one can do something about a problem: page, its name, chapter of the manual
    Place.CASHIER: ("operator_cashier", gettext_lazy("Cashier"), "the-cashier"),
    Place.WITHDRAWALS: ("operator_withdrawals", gettext_lazy("Withdrawals"), "withdrawals"),
}
MANY = 100  # messages in a queue that is behind
LATE = timedelta(seconds=30)  # for a row that is due
STUCK = timedelta(minutes=5)  # for a job that waits for what somebody must change


@dataclass(frozen=True, slots=True)
class Due:
    """What stands in rows and waits for a worker, by its oldest."""

    what: str
    since: datetime | None
    late: bool


@dataclass(frozen=True, slots=True)
class WaitingJobs:
    """Jobs that lack the same. `reason`: that of one of them."""

    reason: Reason
    state: str
    jobs: int
    teams: int
    since: datetime
    late: bool


@operator
def now(request: SignedInRequest) -> HttpResponse:
    """With htmx only what changes."""
    at = timezone.now()
    context = {"due": _due(at), "states": _states(), "waits": _waits(at), "entries": len(SCHEDULE)}
    context["verified"] = verification.newest()
    context["money"] = [(one, *WHERE[one.place]) for one in current.current(at)]
    try:
        processes, waiting = worker_heartbeats.living(at), worker_heartbeats.lengths(tuple(QUEUES))
    except worker_heartbeats.ValkeyDown as error:
        context["silent"] = str(error)
    else:
        context |= _processes(processes, waiting)
    return render(request, "operator/now.html", context)


def _processes(processes: list[worker_heartbeats.Process], waiting: dict[str, int]) -> dict[str, Any]:
    workers = [one for one in processes if one.name != "beat"]
    rows = [(name, DOES[name], count, count >= MANY) for name, count in waiting.items()]
    beat = next((one for one in processes if one.name == "beat"), None)
    return {"workers": workers, "beat": beat, "queues": rows, "idle": not any(one.alive for one in workers)}


def _due(at: datetime) -> list[Due]:
    """The oldest of each kind, each by an index, all by one question. Nothing waits where it has no time."""
    kinds = {
        gettext("a VM’s next step"): (
            VM.objects.alive().filter(next_step_at__lte=at, leased_until__lte=at),
            "next_step_at",
        ),
        gettext("a forge to poll"): (
            Connection.objects.filter(next_poll_at__lte=at, disconnected_at=None),
            "next_poll_at",
        ),
        gettext("a scale set to listen to"): (
            ScaleSet.objects.filter(due_at__lte=at, leased_until__lte=at),
            "due_at",
        ),
        gettext("a webhook to process"): (webhook_inbox.waiting(), "received_at"),
    }
    first, *others = [
        rows.order_by(time).values_list(Value(what), time)[:1] for what, (rows, time) in kinds.items()
    ]
    oldest = dict(first.union(*others, all=True))
    return [Due(what, oldest.get(what), what in oldest and at - oldest[what] > LATE) for what in kinds]


def _waits(at: datetime) -> list[WaitingJobs]:
    """Jobs that no VM stands for, by what they lack, over all teams; the oldest of each first."""
    held = Job.objects.filter(state__in=[Job.State.QUEUED, Job.State.REFUSED], reason__in=WaitCode).order_by()
    rows = held.values_list("reason", "state").annotate(
        Min("pk"), Count("pk"), Count("team", distinct=True), Min("queued_at")
    )
    groups = [row[1:] for row in rows]
    samples = Job.objects.in_bulk([group[1] for group in groups])
    found = [
        WaitingJobs(reason, state, jobs, teams, since, at - since > STUCK and state == Job.State.QUEUED)
        for state, pk, jobs, teams, since in groups
        if pk in samples and (reason := samples[pk].typed_reason)
    ]
    return sorted(found, key=lambda one: one.since)


def _states() -> list[tuple[str, int, datetime]]:
    """Alive VMs by state, in the order of their life, with since when the oldest is in it."""
    alive = VM.objects.alive().order_by().values_list("state")
    counts_by_state = {
        state: (count, since) for state, count, since in alive.annotate(Count("pk"), Min("state_changed_at"))
    }
    return [(state, *counts_by_state[state]) for state in VM.State.values if state in counts_by_state]
