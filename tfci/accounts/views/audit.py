"""The audit log of a team: to read, to filter, to take away."""

import json

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render

from tfci.accounts import audit as log, audit_messages
from tfci.accounts.access import requires
from tfci.accounts.forms import AuditForm
from tfci.accounts.models import AuditEntry, Team
from tfci.accounts.requests import TeamRequest
from tfci.core import csv_export, paging

AT_ONCE = 2000  # rows of the file in memory
HEAD = ["at", "who", "what", "action", "on", "in words", "before", "after", "note"]


@requires("audit.read")
def audit(request: TeamRequest) -> HttpResponse:
    """One page of it, as filtered by the address."""
    form = AuditForm(request.GET)
    page = paging.page(matching(request.team, form), request.GET)
    return render(
        request,
        "accounts/audit.html",
        {
            "form": form,
            "page": page,
            "rows": [entry_row(entry) for entry in page.items],
            "people": request.team.memberships.values_list("user__email", flat=True).order_by("user__email"),
            "filtered": any(form.filters().values()),
            "query": request.GET.urlencode(),
        },
    )


@requires("audit.read")
def audit_csv(request: TeamRequest) -> HttpResponseBase:
    """All that the filter finds, newest first; times in UTC."""
    entries = matching(request.team, AuditForm(request.GET)).order_by("-pk").iterator(AT_ONCE)
    return csv_export.answer(f"audit-{request.team.slug}", HEAD, (row(entry) for entry in entries))


def matching(team: Team, form: AuditForm) -> QuerySet[AuditEntry]:
    """What the form asks for; nothing while the form is wrong."""
    rows = log.search(team, **form.filters())
    return rows if form.is_valid() else rows.none()


def entry_row(entry: AuditEntry) -> dict[str, object]:
    return {
        "entry": entry,
        "sentence": audit_messages.sentence(entry),
        "changes": audit_messages.changes(entry),
    }


def row(entry: AuditEntry) -> list[object]:
    facts = [json.dumps(side, ensure_ascii=False) if side else "" for side in (entry.before, entry.after)]
    return [
        entry.at.isoformat(),
        entry.who,
        entry.what,
        entry.action,
        entry.on,
        audit_messages.sentence(entry),
        *facts,
        entry.note,
    ]
