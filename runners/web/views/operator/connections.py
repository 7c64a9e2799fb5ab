"""All connections of all teams, and how healthy each is."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from runners.connections import health, health_facts
from tfci.accounts.access import operator
from tfci.accounts.requests import SignedInRequest
from tfci.core import paging
from tfci.forges import registry
from tfci.forges.models import Connection


@operator
def connections(request: SignedInRequest) -> HttpResponse:
    """Newest first; with ?show=trouble those alone that somebody has to mend."""
    now, show = timezone.now(), request.GET.get("show", "")
    linked = Connection.objects.filter(disconnected_at=None).select_related("team")
    if show == "trouble":
        linked = linked.exclude(problems=[])
    page = paging.page(health_facts.counted(linked, now), request.GET)
    rows = [
        {"health": each, "kind": registry.kind(each.connection.forge).title}
        for each in health.assess(page.items, now)
    ]
    return render(request, "operator/connections.html", {"page": page, "rows": rows, "asked": show})
