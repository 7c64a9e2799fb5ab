"""All VMs that are alive, over all teams; those that are past their deadline first by a filter."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from runners.models import VM
from runners.vms.lifecycle import BOOT, DEPLOY, REFRESH
from runners.vms.registration import PICKUP
from tfci.accounts.access import operator
from tfci.accounts.requests import SignedInRequest
from tfci.core import paging

State = VM.State
AFTER = timedelta(minutes=1)  # a deadline's own step may take so long
REMOVE = timedelta(minutes=5)  # a VM that is being removed for longer is stuck


@operator
def vms(request: SignedInRequest) -> HttpResponse:
    """Newest first; `state`, or `stuck`, in the address."""
    now, show = timezone.now(), request.GET.get("show", "")
    alive = VM.objects.exclude(state=State.GONE)
    late = alive.filter(stuck(now))
    shown = late if show == "stuck" else alive.filter(state=show) if show in State.values else alive
    stuck_ids = set(late.values_list("pk", flat=True)[:1000])
    page = paging.page(shown.select_related("team", "pool", "node"), request.GET)
    context = {
        "page": page,
        "rows": [(vm, vm.pk in stuck_ids) for vm in page.items],
        "stuck": len(stuck_ids),
        "asked": show,
        "states": [state for state in State if state != State.GONE],
    }
    return render(request, "operator/vms.html", context)


def stuck(now: datetime) -> Q:
    """Past what its state may last, or due and left alone by all workers."""
    deadlines = (
        Q(state=State.DEPLOYING, ordered_at__lt=now - DEPLOY - AFTER)
        | Q(state=State.BOOTING, state_changed_at__lt=now - BOOT - AFTER)
        | Q(state=State.ASSIGNED, state_changed_at__lt=now - PICKUP - AFTER)
        | Q(state=State.REFRESHING, state_changed_at__lt=now - REFRESH - AFTER)
        | Q(state=State.REMOVING, state_changed_at__lt=now - REMOVE)
    )
    return deadlines | Q(next_step_at__lt=now - AFTER, leased_until__lt=now)
