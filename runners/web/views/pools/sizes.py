"""What a pool's jobs used of their VMs, and which size would do for each."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from runners.jobs import right_sizing, size_advice
from runners.web.views.pools.pages import one
from tfci.accounts.access import requires
from tfci.accounts.requests import TeamRequest
from tfci.core.tft import Tft


@requires("pools.read")
def sizes(request: TeamRequest, pk: int) -> HttpResponse:
    """What saves most first."""
    pool = one(request, pk)
    groups = right_sizing.of_pool(pool, timezone.now())
    context = {
        "pool": pool,
        "groups": [group for group in groups if group.advice],
        "few": sum(group.advice is None for group in groups),
        "saves": Tft(sum(group.saves or 0 for group in groups)),
        "why_not": right_sizing.unavailable_reason(),
        "enough": size_advice.ENOUGH,
    }
    return render(request, "runners/pools/sizes.html", context)
