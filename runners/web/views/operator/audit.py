"""The audit log over all teams, and the operator's own actions."""

from django.http import HttpResponse
from django.shortcuts import render

from tfci.accounts import audit_messages
from tfci.accounts.access import operator
from tfci.accounts.models import AuditEntry
from tfci.accounts.requests import SignedInRequest
from tfci.core import paging


@operator
def audit(request: SignedInRequest) -> HttpResponse:
    """Newest first; by exactly that person, or of one team's address, or the operator's actions alone."""
    who, team, own = (request.GET.get(name, "").strip() for name in ("who", "team", "own"))
    rows = AuditEntry.objects.select_related("team")
    rows = rows.filter(who=who) if who else rows
    rows = rows.filter(team__slug=team) if team else rows
    rows = rows.filter(what__in=audit_messages.verbs("operator")) if own else rows
    page = paging.page(rows, request.GET)
    shown = [(entry, audit_messages.sentence(entry), audit_messages.changes(entry)) for entry in page.items]
    context = {"page": page, "rows": shown, "who": who, "team": team, "own": own}
    return render(request, "operator/audit.html", context)
