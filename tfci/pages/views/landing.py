"""The first page."""

from datetime import timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render

from runners.jobs.labels import NAMED
from tfci.accounts.requests import SignedInRequest
from tfci.accounts.views import teams
from tfci.core.list_prices.current import GITHUB, PEERS
from tfci.core.list_prices.peers import Peer
from tfci.pages import claims, rates
from tfci.pages.views.pricing import OTHER_CU, OTHER_SU, OVERHEAD, standing

SMALL = NAMED["small"]
EXAMPLE = timedelta(minutes=2, seconds=6)  # a job's length


@login_not_required
def front(request: SignedInRequest) -> HttpResponse:
    """What this is, for strangers; people who are signed in go to their team."""
    if request.user.is_authenticated:
        return teams.home(request)
    at = rates.now()
    context: dict[str, object] = {
        "grant": settings.GRANT,
        "made_up": rates.made_up(),
        "anchor": settings.ANCHOR,
    }
    context |= {
        "longest": GITHUB.per_minute[SMALL.cpu],
        "small": SMALL,
        "took": EXAMPLE,
        "elsewhere": GITHUB.charge(SMALL.cpu, EXAMPLE),
    }
    context |= claims.read("claims") | (_prices(at) if at else {"bars": _bars()})
    return render(request, "site/landing.html", context)


def _prices(at: rates.Rates) -> dict[str, Any]:
    """Ours today, and under the policy that may come, beside the others."""
    ours, other = at.minute(SMALL), at.under(OTHER_CU, OTHER_SU).minute(SMALL)
    return {
        "at": at,
        "minute": ours,
        "other": other,
        "times": times(ours.usd),
        "times_other": times(other.usd),
        "overhead": OVERHEAD,
        "charge": at.cost(SMALL, (EXAMPLE + OVERHEAD) // timedelta(milliseconds=1)),
        "standing": standing(SMALL, at),
        "bars": sorted(
            [("now", None, ours.usd), ("other", None, other.usd), *_bars()], key=lambda bar: bar[2]
        ),
    }


def _bars() -> list[tuple[str, Peer, Decimal]]:
    """Which of our policies ("" for others), the peer, USD a minute."""
    return [
        ("", peer, peer.per_minute[SMALL.cpu]) for peer in sorted(PEERS, key=lambda peer: peer.per_minute[2])
    ]


def times(usd: Decimal) -> Decimal:
    """So many times as much does GitHub ask for a minute; never rounded up."""
    ratio = GITHUB.per_minute[SMALL.cpu] / usd
    return ratio.quantize(Decimal(1) if ratio >= 10 else Decimal("0.1"), ROUND_DOWN)
