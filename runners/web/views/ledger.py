"""A team's ledger: every movement of TFT, on a page and as a file."""

from datetime import UTC

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render

from billing import ledger
from runners.metering import charge_search
from runners.metering.date_spans import DAY, midnight
from runners.metering.spend_sums import BEGIN, END, Period
from runners.web.forms.spend import LedgerForm
from runners.web.views import charge_names
from runners.web.views.charge_names import ChargeNames
from tfci.accounts.access import requires
from tfci.accounts.models import Team
from tfci.accounts.requests import TeamRequest
from tfci.core import csv_export, paging

AT_ONCE = 500  # entries of a file in memory
COLUMNS = ["at", "amount", "kind", "use", "pool", "vm_id", "job_id", "repository"]


@requires("spend.read")
def entries(request: TeamRequest) -> HttpResponse:
    """Newest first."""
    form, names = LedgerForm(request.GET), ChargeNames(request.team)
    context = {
        "form": form,
        "filters": charge_names.filters(form, names, request.GET),
        "page": paging.page(_entries(request.team, form), request.GET),
    }
    return render(request, "runners/spend/ledger.html", context)


@requires("spend.read")
def entries_csv(request: TeamRequest) -> HttpResponseBase:
    """The same, as many as the filters let through; times in UTC."""
    found = _entries(request.team, LedgerForm(request.GET)).iterator(AT_ONCE)
    return csv_export.answer(f"ledger-{request.team.slug}", COLUMNS, (_row(entry) for entry in found))


def _entries(team: Team, form: LedgerForm) -> QuerySet[ledger.Entry]:
    """With a value that makes no sense none."""
    if not form.is_valid():
        return ledger.entries(team).none()
    since, until, kind = (form.cleaned_data[name] for name in ("since", "until", "kind"))
    period = Period(
        midnight(since, team.zone) if since else BEGIN, midnight(until + DAY, team.zone) if until else END
    )
    found = charge_search.entries(team, form.within, period)
    return found.filter(kind=kind) if kind else found


def _row(entry: ledger.Entry) -> list[object]:
    at = entry.at.astimezone(UTC).isoformat(timespec="seconds")
    return [at, *(getattr(entry, name) for name in COLUMNS[1:])]
