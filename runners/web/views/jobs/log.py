"""The logs of one job: its own, read from its forge, and its VM's. As a page, which shows the end of a log without
JavaScript; as lines, which static/js/log.js asks for; and as a file."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.translation import gettext

from runners import gateways
from runners.agents.schemas import TAIL
from runners.jobs import log_lines, logs, timeline
from runners.models import Job
from runners.web.views import stay
from runners.web.views.jobs import log_html
from runners.web.views.jobs.rows import board
from tfci.accounts.access import requires
from tfci.accounts.requests import TeamRequest
from tfci.forges import registry

PAGE, CARD = 50_000, 12_000  # bytes of lines that a page sends of a log
BEAT = timedelta(seconds=2)  # between two looks at the log of a VM that runs
DIGITS = 9


@dataclass(frozen=True, slots=True)
class LogPanel:
    """One log under its tab. `letter`: what the addresses of its lines begin with. `note`: why there is nothing, or
    nothing newer. `lines`: the end of it."""

    of: str
    letter: str
    title: str
    note: str = ""
    lines: SafeString = SafeString()
    is_part: bool = False  # there are lines before those


@requires("jobs.read")
def log(request: TeamRequest, pk: int) -> HttpResponse:
    """Both logs under tabs; of the chosen one its last lines."""
    now, found = timezone.now(), _job(request, pk)
    here = stay.load(found)
    if _of(request) == "job":
        seen = logs.read(found, gateways.GATEWAYS, now)
        panels = [job_panel(seen, PAGE), vm_panel(here, 0)]
    else:
        panels = [job_panel(), vm_panel(here, PAGE)]
    return render(request, "runners/jobs/log.html", shown(found, _of(request), panels) | {"is_page": True})


def shown(job: Job, of: str, panels: list[LogPanel]) -> dict[str, Any]:
    """What templates/runners/jobs/log_card.html needs."""
    return {
        "job": job,
        "of": of,
        "panels": panels,
        "forge": registry.kind(job.connection.forge).title,
    }


def card(job: Job, here: stay.Stay) -> dict[str, Any]:
    """For the job's page, which does not wait for a forge: the log of a job comes once the page is there."""
    begun = job.state in logs.BEGUN
    return {
        **shown(job, "job" if begun else "vm", [job_panel(), vm_panel(here, CARD)]),
        "has_log": begun or bool(job.vm or job.awaits),
        "switches": not begun,  # to the job's log, once it begins
    }


def job_panel(seen: logs.JobLog | None = None, room: int = 0) -> LogPanel:
    title = gettext("Job log")
    if seen is None:
        return LogPanel("job", "L", title)
    part = log_lines.part(seen.text, ended=seen.ended)
    lines, is_part = log_html.end(part, "L", room)
    return LogPanel(
        "job", "L", title, str(seen.reason or ""), lines, is_part=is_part or part.before > 0 or not seen.whole
    )


def vm_panel(here: stay.Stay, room: int) -> LogPanel:
    lines, is_part = log_html.end(log_lines.part(_of_whole_lines(here.tail)), "V", room)
    return LogPanel("vm", "V", gettext("VM log"), "" if here.tail else _quiet(), lines, is_part)


def _of_whole_lines(tail: str) -> str:
    """Without its first line where that may be cut: a page finds by whole lines where a log goes on."""
    return tail if len(tail) < TAIL else tail.partition("\n")[2] or tail


def _quiet() -> str:
    return gettext("The VM has not written anything yet.")


@requires("jobs.read")
def lines(request: TeamRequest, pk: int) -> JsonResponse:
    """What comes after the lines that a page has, and when to ask again."""
    now = timezone.now()
    answer = _of_job(request, pk, now) if _of(request) == "job" else _of_vm(request, pk)
    return JsonResponse(answer, headers={"Cache-Control": "no-store"})


def _of_job(request: TeamRequest, pk: int, now: datetime) -> dict[str, Any]:
    """Of a log that is longer than is read, all that is: its lines have no lasting numbers."""
    found = get_object_or_404(Job.objects.of(request.team).select_related("connection"), pk=pk)
    seen = logs.read(found, gateways.GATEWAYS, now)
    after = _after(request) if seen.whole else 0
    part = log_lines.part(seen.text, after=after, ended=seen.ended or not seen.whole)
    note = str(seen.reason or "")
    return _answer(part, note, logs.pause(found, seen, now), whole=seen.whole, ended=seen.ended)


def _of_vm(request: TeamRequest, pk: int) -> dict[str, Any]:
    """All of it each time: of a VM's log only the end is kept, and it moves on."""
    found = _job(request, pk)
    here = stay.load(found)
    live = stay.is_live(found, here)
    note = "" if here.tail else _quiet()
    part = log_lines.part(_of_whole_lines(here.tail))
    answer = _answer(part, note, BEAT if live else None, whole=False, ended=not live)
    return answer | {"begun": found.state in logs.BEGUN}


def _answer(
    part: log_lines.LogPart, note: str, pause: timedelta | None, *, whole: bool, ended: bool
) -> dict[str, Any]:
    return {
        "from": part.before,
        "lines": [(line.time, line.mark, line.spans, line.left_out) for line in part.lines],
        "whole": whole,
        "ended": ended,
        "note": note,
        "again": pause.total_seconds() if pause else None,
    }


@requires("jobs.read")
def file(request: TeamRequest, pk: int) -> HttpResponse:
    """As the forge or the VM wrote it; where there is nothing, its page says why."""
    found, of = _job(request, pk), _of(request)
    if of == "job":
        seen = logs.read(found, gateways.GATEWAYS, timezone.now())
        text = seen.text if seen.whole else f"{_left_out(found)}\n{seen.text}"
        empty = not seen.text
    else:
        text = stay.load(found).tail
        empty = not text
    if empty:
        return redirect(f"{reverse('job_log', args=[request.team.slug, pk])}?of={of}")
    parts = slugify(found.repository.replace("/", "-")), slugify(found.name), of, str(found.pk)
    name = f"{'-'.join(filter(None, parts))}.log"
    headers = {"Content-Disposition": content_disposition_header(True, name) or "attachment"}
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)


def _left_out(job: Job) -> str:
    return gettext("[The beginning of this log is left out: {connection} has all of it. {url}]").format(
        connection=job.connection.name, url=job.url
    )


def _job(request: TeamRequest, pk: int) -> Job:
    """With what its stay on a VM needs."""
    row = board(request.team).defer(None).defer(*timeline.SECRETS)
    [found] = timeline.read([get_object_or_404(row, pk=pk)])
    return found


def _of(request: TeamRequest) -> str:
    return "vm" if request.GET.get("of") == "vm" else "job"


def _after(request: TeamRequest) -> int:
    value = request.GET.get("after", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) <= DIGITS else 0
