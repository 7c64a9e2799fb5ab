"""The list of a team's months, and each month as a page, a CSV and a PDF."""

from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils import dateformat, timezone
from django.utils.translation import gettext

from billing import statements
from billing.statements import MonthlyStatement
from runners.web.views.statements import words
from tfci.accounts.access import may, requires
from tfci.accounts.months import CalendarMonth
from tfci.accounts.requests import TeamRequest
from tfci.core import csv_export

COLUMNS = ["month", "section", "kind", "use", "pool_id", "pool", "amount", "balance"]


@requires("spend.read")
def statement_list(request: TeamRequest) -> HttpResponse:
    rows = statements.balances(request.team, statements.periods(request.team, timezone.now()))
    months = [(row, words.month(row.period)) for row in rows]
    context = {"months": months, "zone": rows[0].period.zone}
    return render(request, "runners/statements/list.html", context)


@requires("spend.read")
def statement(request: TeamRequest, month: str) -> HttpResponse:
    found = _read(request, month, timezone.now())
    context = {
        "statement": found,
        "month": words.month(found.period),
        "span": words.span(found.period),
        "sections": words.sections(found),
        "closing": words.closing(found.period),
        "sender": settings.OPERATOR or settings.NAME,
        "may_change": may(request.role, "team.change"),
    }
    return render(request, "runners/statements/page.html", context)


@requires("spend.read")
def statement_csv(request: TeamRequest, month: str) -> HttpResponseBase:
    """The amounts add up to the closing balance less the opening one."""
    found = _read(request, month, timezone.now())
    return csv_export.answer(_name(request, found), COLUMNS, _rows(found))


def _rows(found: MonthlyStatement) -> Iterator[list[object]]:
    month = found.period.month
    yield [month, "opening", *[""] * 5, found.opening]
    for line in found.lines:
        yield [month, line.section, line.kind, line.use, line.pool_id, line.pool, line.amount, ""]
    yield [month, "closing", *[""] * 5, found.closing]


@requires("spend.read")
def statement_pdf(request: TeamRequest, month: str) -> HttpResponse:
    from runners.web.views.statements import (
        pdf,  # reportlab takes 25 MiB: docs/decisions/imports-in-functions.md
    )

    now, team = timezone.now(), request.team
    found = _read(request, month, now)
    as_of = dateformat.format(now.astimezone(found.period.ends_at.tzinfo), "j M Y, H:i T")
    note = "" if found.period.over else gettext("So far: read on {time}.").format(time=as_of)
    paper = pdf.Paper(
        found, team.name, settings.OPERATOR or settings.NAME, team.billing_details or team.name, note
    )
    headers = {"Content-Disposition": f'attachment; filename="{_name(request, found)}.pdf"'}
    return HttpResponse(pdf.draw(paper), content_type="application/pdf", headers=headers)


def _read(request: TeamRequest, month: str, now: datetime) -> MonthlyStatement:
    """Raises Http404 for what is no month of the team's."""
    try:
        period = statements.period(request.team, CalendarMonth.parse(month), now)
    except ValueError:
        period = None
    if period is None:
        raise Http404(gettext("There is no statement for this month."))
    return statements.read(request.team, period)


def _name(request: TeamRequest, found: MonthlyStatement) -> str:
    so_far = "" if found.period.over else "-so-far"
    return f"statement-{request.team.slug}-{found.period.month}{so_far}"
