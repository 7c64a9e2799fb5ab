"""One job with its whole way, its log, and what people ask of its forge for it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from billing import pricing
from runners import acts, advice, again, charges, debugging, legs, nudges, outside, remedies
from runners.loads import Sample
from runners.models import VM, Job
from runners.rules import sizing
from runners.rules.labels import wants_arm
from runners.views import stay, usage
from runners.views.rows import Row, board, rows
from tfci.accounts.access import may, requires
from tfci.forges import connect
from tfci.forges.ports import ForgeError, Gone
from tfci.prices import GITHUB, PEERS
from tfci.tft import UNIT, Tft

LOG = 200_000  # characters of a log's end that a page shows

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


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the job, on its axis. `failed`: the last that began in a job that failed."""

    name: str
    start: datetime | None
    stop: datetime | None
    failed: bool

    @property
    def took(self) -> timedelta | None:
        return self.stop - self.start if self.start and self.stop else None


@dataclass(frozen=True, slots=True)
class Price:
    """What the same minutes cost there, in USD; `counted`: how."""

    name: str
    usd: Decimal
    counted: str
    as_of: str = ""
    source: str = ""


@requires("jobs.read")
def job(request, pk):
    """One job. With htmx only what changes while it is not over."""
    now = timezone.now()
    row = board(request.team).defer(None).defer(*legs.SECRETS)
    [found] = legs.read([get_object_or_404(row, pk=pk)])
    context = whole(found, now) | asked_of_forge(request, found)
    context["may_debug"] = may(request.role, "vms.debug") and found.vm and found.vm.state in debugging.IN
    return render(request, "runners/job.html#live" if request.htmx else "runners/job.html", context)


def whole(job: Job, now: datetime) -> dict:
    """All that the page of one job shows, whoever reads it."""
    alike = legs.alike(job)
    usual = legs.usual().running(legs.usual_length(alike))
    way = legs.of(job, usual, now)
    [row] = rows([job], now)
    machine, cost = job.vm or job.awaits, _cost(job, row, now)
    prices, steps = _prices(job, row, cost), _steps(job)
    running = next((leg for leg in way if leg.name == "completed"), None)
    line, end, here = _line(job, running, now), legs.ended(job), stay.of(job)
    return {
        "job": job,
        "row": row,
        "now": now,
        "way": [
            (leg, leg.took(now), DOES[leg.name])
            for leg in way
            if leg.name != "completed" or leg.phase == "next"
        ],
        "present": next((leg for leg in way if leg.phase == "now"), None),
        "wait_end": _end_of_wait(way, now),
        "running": running,
        "run_end": (running.stop if running and running.phase == "done" else now),
        "machine": machine,
        "cost": cost,
        "prices": prices,
        "dearest": max((price.usd for price in prices), default=0),
        "github": GITHUB,
        "tft": Decimal(machine.quote.tft_musd) / 1000 if prices else None,
        "remedy": remedies.remedy(job),
        "again": again.told(job),
        "advice": advice.of_job(job, now),
        "enough": sizing.ENOUGH,
        "emulated": any(map(wants_arm, job.labels)),
        "end": end,
        "steps": steps,
        "failed_step": next((step.name for step in steps if step.failed), ""),
        "line": line,
        "uses": usage.uses(line, steps, end),
        "network_top": max((sample[part] for sample in line for part in ("received", "sent")), default=0),
        "memory_top": 1024 * machine.memory_gb if machine else 0,
        "disk_top": 1024 * machine.disk_gb if machine else 0,
        "events": stay.events(job, here),
        "tail": here.tail,
        "alike": [other for other in alike if other.pk != job.pk],
        "live": job.state in Job.OPEN or bool(job.vm and job.vm.state != VM.State.GONE and not here.until),
    }


def _end_of_wait(way: list[legs.Leg], now: datetime) -> datetime:
    """Where the axis of the wait ends: at the first step, or where that is expected, or now."""
    wait = [leg for leg in way if leg.name != "completed"]
    until = [leg.stop for leg in wait if leg.stop] + [now for leg in wait if leg.phase != "done"]
    return max(until, default=now)


def _cost(job: Job, row: Row, now: datetime) -> Tft | None:
    """To the last digit what the ledger has, or will have when its machine is gone."""
    if row.so_far:
        return charges.costs(job.vm, now).get(("job", job.pk), row.cost)
    return row.cost


def _prices(job: Job, row: Row, cost: Tft | None) -> list[Price]:
    """Ours, then others' for this job's minutes, the cheapest first; none before it has run."""
    if cost is None or not row.ran or not job.vm or not job.vm.quote:
        return []
    ours = Decimal(pricing.usd(cost, job.vm.quote.tft_musd)) / UNIT
    made = []
    for peer in PEERS:
        usd = peer.charge(job.vm.cpu, row.ran)
        if usd is not None:
            made.append(Price(peer.name, usd, peer.counted, peer.as_of, peer.source))
    return [Price("", ours, "by the second"), *sorted(made, key=lambda price: price.usd)]


def _steps(job: Job) -> list[Step]:
    told = [
        (step["name"], _moment(step["started_at"]), _moment(step["completed_at"])) for step in job.steps or ()
    ]
    last = max((n for n, (_, start, _) in enumerate(told) if start), default=None)
    failed = job.conclusion == "failure"
    return [Step(*step, failed and n == last) for n, step in enumerate(told)]


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _line(job: Job, running: legs.Leg | None, now: datetime) -> list[Sample]:
    """How loaded its machine was while it ran."""
    if not running or running.phase == "next":
        return []
    return usage.line(job, running.start, running.stop if running.phase == "done" else now)


@requires("jobs.read")
def log(request, pk):
    """The job's own log, read through its forge when somebody asks for it."""
    found = get_object_or_404(Job.objects.of(request.team).select_related("org"), pk=pk)
    text, trouble = "", ""
    try:
        text = outside.WORLD.forge(found.org).log(found.repository, found.run_id, found.forge_job_id)
    except Gone:
        trouble = "Its forge has no log of it: the job has not begun, or its log was deleted there."
    except ForgeError as error:
        trouble = f"Its log could not be read: {error}"
    context = {"job": found, "text": text[-LOG:], "cut": len(text) > LOG, "trouble": trouble}
    return render(request, "runners/log.html#log" if request.htmx else "runners/log.html", context)


# --- What people ask of its forge ---------------------------------------------------------------------------------


def asked_of_forge(request, job: Job) -> dict:
    """Which acts its page offers this reader; `forge`: the name of the kind that its link is of."""
    forge, over = connect.kind(job.org.forge).title, job.state == Job.State.COMPLETED
    act = "rerun" if over else "cancel"
    lacks = connect.lacks(job.org, act)
    mine = not lacks and job.org.alive and may(request.role, f"jobs.{act}")
    deed = "run again" if over else "cancelled"
    return {
        "forge": forge,
        "may_rerun": mine and over,
        "may_cancel": mine and not over,
        "not_asked": f"It can be {deed} on its page at {job.org.name}. {f'{lacks}.' if lacks else ''}",
    }


@requires("jobs.rerun")
def rerun(request, pk):
    """Ask, then have its forge run it once more."""
    text = (
        "Its forge runs this job again, and those that need it. The new attempt shows as a job of its own as soon as "
        "its forge lists it, on a new machine, which costs what it runs."
    )
    said = "Run {} again?", text, "Run again", "{} was asked to run it again."
    return _act(request, pk, acts.rerun, *said, look="btn-primary")


@requires("jobs.cancel")
def cancel(request, pk):
    """Ask, then have its forge cancel the run it is of."""
    text = (
        "Its forge cancels the whole run: this job and all others of it that have not ended. What they have done so "
        "far is lost, and is paid to the second."
    )
    return _act(request, pk, acts.cancel, "Cancel {}?", text, "Cancel the run", "{} was asked to cancel it.")


def _act(request, pk, deed, title: str, text: str, verb: str, done: str, look: str = ""):
    found = get_object_or_404(board(request.team), pk=pk)
    if request.method != "POST":
        back = reverse("job", args=[request.team.slug, pk])
        context = {"title": title.format(found.name), "text": text, "verb": verb, "back": back, "look": look}
        return render(request, "confirm.html", context)
    try:
        nudges.follow(deed(found, outside.WORLD, request.user, timezone.now()))
        messages.success(request, done.format(found.org.name))
    except ForgeError as error:
        messages.error(request, str(error))
    return redirect("job", request.team.slug, pk)
