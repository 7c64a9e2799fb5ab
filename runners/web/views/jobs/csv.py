"""The filtered list of jobs as a file."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

from django.http import HttpResponseBase, QueryDict
from django.utils import timezone

from runners.jobs import search
from runners.web.forms import JobFilterForm
from runners.web.views.jobs.rows import JobRow, rows
from tfci.accounts.access import requires
from tfci.accounts.models import Team
from tfci.accounts.requests import TeamRequest
from tfci.core import csv_export

MAX_ROWS = 10_000  # jobs of one file
CHUNK = 500  # in memory at once
COLUMNS: Mapping[str, Callable[[JobRow], object]] = {
    "id": lambda row: row.job.pk,
    "forge": lambda row: row.job.connection.forge,
    "organisation": lambda row: row.job.connection.name,
    "repository": lambda row: row.job.repository,
    "workflow": lambda row: row.job.workflow,
    "job": lambda row: row.job.name,
    "attempt": lambda row: row.job.number,
    "branch": lambda row: row.job.branch,
    "commit": lambda row: row.job.sha,
    "labels": lambda row: " ".join(row.job.labels),
    "size": lambda row: row.job.size,
    "pool": lambda row: row.job.pool.name if row.job.pool else "",
    "node": lambda row: row.job.vm.node.node_id if row.job.vm and row.job.vm.node else "",
    "vm": lambda row: row.job.vm.name if row.job.vm else "",
    "state": lambda row: row.job.state,
    "conclusion": lambda row: row.job.conclusion,
    "owner": lambda row: row.cause.owner if row.cause else "",
    "cause": lambda row: row.cause.sentence if row.cause else "",
    "queued_at": lambda row: _time(row.job.queued_at),
    "started_at": lambda row: _time(row.job.started_at),
    "completed_at": lambda row: _time(row.job.completed_at),
    "waited_s": lambda row: _seconds(row.waited),
    "ran_s": lambda row: _seconds(row.ran),
    "cost_tft": lambda row: row.cost if row.cost is not None else "",
    "cost_so_far": lambda row: "yes" if row.so_far else "no",
    "address": lambda row: row.job.url,
}


@requires("jobs.read")
def jobs_csv(request: TeamRequest) -> HttpResponseBase:
    """At most MOST jobs, newest first; a search that finds little stops where it has looked at ten times as many."""
    now = timezone.now()
    wanted = JobFilterForm(request.team, request.GET).wanted(now)
    found = _rows(request.team, wanted, now)
    lines = ([read(row) for read in COLUMNS.values()] for row in found)
    return csv_export.answer(f"jobs-{request.team.slug}-{now:%Y-%m-%d}", COLUMNS, lines)


def _rows(team: Team, wanted: search.JobFilter, now: datetime) -> Iterator[JobRow]:
    """Page by page."""
    query = QueryDict()
    for _ in range(MAX_ROWS // CHUNK):
        page = search.find(team, wanted, query, CHUNK).page
        [listed] = search.load_rows(team, page.items)
        yield from rows(listed, now)
        if not page.older:
            return
        query = QueryDict(page.older.removeprefix("?"))


def _time(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""


def _seconds(length: timedelta | None) -> str:
    return f"{length.total_seconds():.1f}" if length is not None else ""
