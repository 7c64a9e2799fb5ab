"""What a pool's jobs used of their machines, and which size would do for each."""

from django.shortcuts import render
from django.utils import timezone

from runners import advice
from runners.rules import sizing
from runners.views.pools import one
from tfci.accounts.access import requires
from tfci.tft import Tft


@requires("pools.read")
def sizes(request, pk):
    """What saves most first."""
    pool = one(request, pk)
    groups = advice.of_pool(pool, timezone.now())
    context = {
        "pool": pool,
        "groups": [group for group in groups if group.advice],
        "few": sum(group.advice is None for group in groups),
        "saves": Tft(sum(group.saves or 0 for group in groups)),
        "why_not": advice.why_not(),
        "enough": sizing.ENOUGH,
    }
    return render(request, "runners/pool_sizes.html", context)
