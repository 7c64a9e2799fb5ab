"""The jobs of all organisations on one board, and one job with its whole way."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django import forms
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from billing import ledger, quotes
from runners import causes, charges, legs, tasks
from runners.models import VM, Event, Job, Pool
from runners.rules.metering import milliseconds
from tfci import paging
from tfci.accounts.access import requires
from tfci.forges.models import LinkedOrg
from tfci.forges.ports import ForgeError, Gone
from tfci.tft import Tft

# the tabs: a word in the URL -> the jobs of it
SHOWN = {
    "in_progress": Q(state=Job.State.IN_PROGRESS),
    "queued": Q(state=Job.State.QUEUED),
    "waiting": Q(state=Job.State.WAITING),
    "refused": Q(state=Job.State.REFUSED),
    "failure": Q(conclusion="failure"),
    "cancelled": Q(conclusion="cancelled"),
    "success": Q(conclusion="success"),
}
EVENTS = 60  # of one job's machine
LOG = 200_000  # characters of a log's end that a page shows

# what ends a leg -> what its owner does in it
DOES = {
    "heard": "tells us",
    "decided": "decides",
    "ordered": "orders a machine",
    "sent": "takes its turn on the chain",
    "deployed": "deploys it",
    "booted": "boots",
    "registered": "registers a runner",
    "started": "hands over the job",
    "completed": "runs",
}


@dataclass(frozen=True, slots=True)
class Row:
    """A job as lists show it. `so_far`: its cost still grows."""

    job: Job
    cause: causes.Cause | None
    waited: timedelta | None
    ran: timedelta | None
    cost: Tft | None
    so_far: bool


def rows(jobs: Iterable[Job], now: datetime) -> list[Row]:
    """For jobs of board(). At most three queries."""
    jobs = legs.read(jobs)
    usual = legs.usual() if any(job.awaits for job in jobs) else legs.Usual()
    over = [job.pk for job in jobs if job.vm and job.vm.state == VM.State.GONE]
    spent = ledger.spent_each("job_id", over) if over else {}
    return [_row(job, usual, spent, now) for job in jobs]


def _row(job: Job, usual: legs.Usual, spent: dict[int, Tft], now: datetime) -> Row:
    ended = legs.moments(job)
    started, completed = ended["started"], ended["completed"]
    over = job.state == Job.State.COMPLETED
    waited = started or (None if over or job.state == Job.State.REFUSED else now)
    running = job.vm and job.vm.state != VM.State.GONE and started
    cost = (
        quotes.cost(job.vm.quote, milliseconds(started, completed or now)) if running else spent.get(job.pk)
    )
    return Row(
        job,
        causes.cause(job, usual, now),
        max(waited - job.queued_at, timedelta()) if waited else None,
        (completed or now) - started if started else None,
        cost,
        so_far=bool(running),
    )


def board(team):
    """The team's jobs with all that lists show of them."""
    return legs.joined(Job.objects.of(team))


class JobFilter(forms.Form):
    """Filters of the board, from the URL; a value that makes no sense filters nothing."""

    org = forms.ChoiceField(required=False)
    pool = forms.ChoiceField(required=False)
    repository = forms.CharField(required=False, max_length=300)
    label = forms.CharField(required=False, max_length=100)

    def __init__(self, team, query):
        super().__init__(query)
        orgs = LinkedOrg.objects.of(team).order_by("name").values_list("pk", "name")
        pools = Pool.objects.of(team).filter(closed_at=None).order_by("position", "pk")
        self.fields["org"].choices = [("", "All organisations"), *orgs]
        self.fields["pool"].choices = [("", "All pools"), *pools.values_list("pk", "name")]

    def apply(self, jobs):
        self.is_valid()
        said = {name: value for name, value in self.cleaned_data.items() if value}
        if label := said.pop("label", ""):
            jobs = jobs.filter(labels__contains=[label])
        if repository := said.pop("repository", ""):
            jobs = jobs.filter(repository__icontains=repository)
        return jobs.filter(**said)


@requires("jobs.read")
def jobs(request):
    """Newest first. With htmx only the board."""
    now, form = timezone.now(), JobFilter(request.team, request.GET)
    found, shown = form.apply(board(request.team)), request.GET.get("state", "")
    page = paging.page(found.filter(SHOWN.get(shown, Q())), request.GET)
    context = {
        "page": page,
        "rows": rows(page.items, now),
        "form": form,
        "shown": shown,
        "tabs": tabs(request, _counts(request.team)),
        "rhythm": rhythm(request, any(job.state in Job.OPEN for job in page.items)),
        "any": bool(page.items) or Job.objects.of(request.team).exists(),
    }
    return render(request, "runners/jobs.html#board" if request.htmx else "runners/jobs.html", context)


def rhythm(request, stirs: bool) -> str:
    """How often a list asks again: often while something on it goes on, rarely on its first page, else never."""
    if stirs:
        return "2s"
    return "" if "older" in request.GET or "newer" in request.GET else "10s"


def _counts(team) -> dict[str, int]:
    """How many jobs are open, by state."""
    still_open = Job.objects.of(team).exclude(state=Job.State.COMPLETED)
    return dict(still_open.values_list("state").annotate(Count("pk")).order_by())


def tabs(request, counts: dict[str, int]) -> list[tuple[str, str, int | None]]:
    """State, the query that shows it (the other filters kept), and how many there are where that is counted."""
    made = []
    for word in ("", *SHOWN):
        query = request.GET.copy()
        for name in ("state", "older", "newer"):
            query.pop(name, None)
        if word:
            query["state"] = word
        made.append((word, "?" + query.urlencode(), counts.get(word)))
    return made


@requires("jobs.read")
def job(request, pk):
    """One job. With htmx only what changes while it is not over."""
    now = timezone.now()
    [found] = legs.read([get_object_or_404(board(request.team), pk=pk)])
    context = whole(found, now) | {"reading": "log" in request.GET}
    return render(request, "runners/job.html#live" if request.htmx else "runners/job.html", context)


def whole(job: Job, now: datetime) -> dict:
    """All that the page of one job shows."""
    usual = legs.usual().running(legs.usual_length(job))
    way = legs.of(job, usual, now)
    [row] = rows([job], now)
    machine = job.vm or job.awaits
    return {
        "job": job,
        "row": row,
        "now": now,
        "way": [(leg, leg.took(now), DOES[leg.name]) for leg in way],
        "wait_end": _end_of_wait(way, now),
        "running": next((leg for leg in way if leg.name == "completed"), None),
        "machine": machine,
        "cost": _cost(job, row, now),
        "events": _events(job, machine),
        "live": job.state in Job.OPEN or bool(job.vm and job.vm.state != VM.State.GONE),
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


def _events(job: Job, machine: VM | None) -> list:
    told = Q(job=job) | Q(vm=machine) if machine else Q(job=job)
    return list(Event.objects.filter(told, team=job.team_id).select_related("vm").order_by("-id")[:EVENTS])


@requires("jobs.read")
def log(request, pk):
    """The job's own log, read through its forge when somebody asks for it."""
    found = get_object_or_404(Job.objects.of(request.team).select_related("org"), pk=pk)
    text, trouble = "", ""
    try:
        text = tasks.WORLD.forge(found.org).log(found.repository, found.forge_job_id)
    except Gone:
        trouble = "Its forge has no log of it: the job has not begun, or its log was deleted there."
    except ForgeError as error:
        trouble = f"Its log could not be read: {error}"
    context = {"job": found, "text": text[-LOG:], "cut": len(text) > LOG, "trouble": trouble}
    return render(request, "runners/log.html#log" if request.htmx else "runners/log.html", context)
