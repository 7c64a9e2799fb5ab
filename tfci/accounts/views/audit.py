"""The audit log of a team."""

from django.shortcuts import render

from tfci import paging
from tfci.accounts.access import requires
from tfci.accounts.models import AuditEntry


@requires("audit.read")
def audit(request):
    entries = AuditEntry.objects.filter(team=request.team)
    return render(request, "accounts/audit.html", {"page": paging.page(entries, request.GET)})
