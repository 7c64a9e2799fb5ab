"""All connections of all teams, and how healthy each is."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from runners.connections import health
from tfci.accounts.access import operator
from tfci.accounts.requests import SignedInRequest
from tfci.core import paging
from tfci.forges import registry
from tfci.forges.models import Connection


@operator
def connections(request: SignedInRequest) -> HttpResponse:
    """Newest first; with ?show=trouble those alone that somebody has to mend."""
    now, asked = timezone.now(), request.GET.get("show", "")
    linked = Connection.objects.filter(disconnected_at=None).select_related("team")
    if asked == "trouble":
        linked = linked.exclude(trouble="")
    page = paging.page(health.counted(linked, now), request.GET)
    known = health.facts(page.items, now)
    rows = [_row(connection, known[connection.pk], now) for connection in page.items]
    return render(request, "operator/connections.html", {"page": page, "rows": rows, "asked": asked})


def _row(connection: Connection, known: health.Facts, now: datetime) -> dict:
    signs = health.signs(connection, known, now)
    look, word = health.word(connection, signs)
    return {
        "connection": connection,
        "kind": registry.kind(connection.forge).title,
        "known": known,
        "look": look,
        "word": word,
        "wrong": [sign for sign in signs if sign.look in ("failure", "queued")],
    }
