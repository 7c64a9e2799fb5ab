"""The jobs of all organisations on one board."""

from dataclasses import replace
from datetime import datetime

from django.db.models import Count
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext

from runners.jobs import search as boards
from runners.models import Job
from runners.web.forms import JobFilterForm
from runners.web.forms.jobs import SHOWN
from runners.web.views.jobs.rows import JobRow, rows
from tfci.accounts.access import requires
from tfci.accounts.models import Team
from tfci.accounts.requests import SignedInRequest, TeamRequest
from tfci.core import paging

NOW = 15  # jobs that are not over, above the first page
PAGE = 25


@requires("jobs.read")
def jobs(request: TeamRequest) -> HttpResponse:
    """Newest first; on the first page what is not over stands above. With htmx only the board."""
    now, form = timezone.now(), JobFilterForm(request.team, request.GET)
    found, opened = _found(request, form, now)
    opened, listed = boards.load_rows(request.team, opened, found.page.items)
    job_rows = rows([*opened, *listed], now)
    counts = {} if form.used else _counts(request.team)  # beside a filter's jobs they would be of others too
    context = {
        "page": found.page,
        "looked_at": found.tried,
        "groups": _groups(job_rows, len(opened), form),
        "any_row": bool(job_rows),
        "open_count": sum(counts.values()),
        "form": form,
        "shown": form.shown,
        "tabs": tabs(request, counts),
        "repositories": sorted({row.job.repository for row in job_rows}),
        "first": not _turned(request),
        "any": bool(job_rows) or Job.objects.of(request.team).exists(),
    }
    return render(
        request, "runners/jobs/list.html#board" if request.htmx else "runners/jobs/list.html", context
    )


def _found(request: TeamRequest, form: JobFilterForm, now: datetime) -> tuple[boards.SearchPage, list[Job]]:
    """One page, and the jobs above it."""
    wanted, team = form.wanted(now), request.team
    if form.shown or wanted.conclusion or wanted.cause or boards.is_heavy(wanted):
        return boards.find(team, wanted, request.GET, PAGE + NOW), []
    over = replace(wanted, states=(Job.State.COMPLETED,))
    if _turned(request):
        return boards.find(team, over, request.GET, PAGE + NOW), []
    above = boards.find(team, replace(wanted, states=tuple(Job.OPEN)), QueryDict(), NOW)
    return boards.find(team, over, request.GET, PAGE), above.page.items


def _groups(job_rows: list[JobRow], opened: int, form: JobFilterForm) -> list[tuple[str, list[JobRow]]]:
    """Under their titles; a title says nothing where all rows are of one kind by choice."""
    over = gettext("Finished") if opened else ""
    return [(gettext("Now"), job_rows[:opened]), (over, job_rows[opened:])]


def _turned(request: HttpRequest) -> bool:
    return any(paging.key(request.GET, way) for way in ("older", "newer"))


def _counts(team: Team) -> dict[str, int]:
    """How many jobs are not over, by state."""
    still_open = Job.objects.of(team).filter(ours=True).exclude(state=Job.State.COMPLETED)
    return dict(still_open.values_list("state").annotate(Count("pk")).order_by())


def tabs(request: SignedInRequest, counts: dict[str, int]) -> list[tuple[str, str, int | None]]:
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
