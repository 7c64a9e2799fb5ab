"""Us beside others, point by point."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from runners.jobs.labels import NAMED
from tfci.core.list_prices.current import PEERS
from tfci.pages import claims, rates

SMALL = NAMED["small"]


@login_not_required
def compare(request: HttpRequest) -> HttpResponse:
    """The table of data/comparison.toml, with today's price of ours."""
    at = rates.now()
    table = claims.read("comparison")
    context = {
        "table": table,
        "columns": 2 + len(table["products"]),
        "minute": at and at.minute(SMALL),
        "at": at,
        "peers": {peer.name: peer for peer in PEERS},
        "prices": {peer.name: peer.per_minute[SMALL.cpu] for peer in PEERS},
    }
    return render(request, "site/compare.html", context)
