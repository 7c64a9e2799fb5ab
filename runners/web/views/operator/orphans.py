"""Nothing is running that should not: when both sides were last compared with our rows, and what was taken away."""

from datetime import datetime, timedelta

from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from billing import accounts
from runners.models import Orphan
from tfci.accounts.access import operator
from tfci.accounts.requests import SignedInRequest
from tfci.core import paging
from tfci.forges.models import Connection

LATE = timedelta(minutes=3)  # the sweep comes every 30 s
SHOWN = 20  # forges, the longest uncompared first


@operator
def orphans(request: SignedInRequest) -> HttpResponse:
    now = timezone.now()
    linked = Connection.objects.filter(disconnected_at=None).select_related("team")
    oldest = list(linked.order_by(F("last_swept_at").asc(nulls_first=True))[:SHOWN])
    paying = accounts.list_accounts(now)
    looked = [one.last_swept_at for one in oldest] + [one.last_swept_at for one in paying]
    known = [at for at in looked if at]
    context = {
        "page": paging.page(Orphan.objects.select_related("connection__team", "twin"), request.GET),
        "late_forges": [connection for connection in oldest if _late(connection.last_swept_at, now)],
        "late_accounts": [one for one in paying if _late(one.last_swept_at, now)],
        "looked": min(known) if looked and len(known) == len(looked) else None,
        "any": bool(looked),
    }
    return render(request, "operator/orphans.html", context)


def _late(last_swept_at: datetime | None, now: datetime) -> bool:
    return last_swept_at is None or now - last_swept_at > LATE
