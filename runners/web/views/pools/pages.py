"""A team's pools: their order, and one with its VMs, its jobs and what it decided."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Avg, Count, F, OuterRef, Prefetch, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from billing import ledger, limits
from runners.connections import onboarding
from runners.models import VM, Event, Job, Pool, Refresh
from runners.pools import changes, kept_ready
from runners.queue import nudges
from runners.vms import images
from runners.web.views.jobs.rows import board, rows
from runners.web.views.pools import ready_hours
from tfci.accounts.access import may, requires
from tfci.accounts.models import Team
from tfci.accounts.requests import TeamRequest
from tfci.core.tft import Tft
from tfci.forges import registry
from tfci.forges.models import Connection
from tfci.grid import registry as grid

DECISIONS = 30
SHOWN = 20  # jobs and VMs of one pool
SPAN = timedelta(days=7)  # whose spend is shown
STARTING = (VM.State.WANTED, VM.State.DEPLOYING, VM.State.BOOTING, VM.State.REFRESHING)
BUSY = (VM.State.ASSIGNED, VM.State.BUSY, VM.State.KEPT)


# --- Reading ------------------------------------------------------------------------------------------------------


def open_pools(team: Team) -> QuerySet[Pool]:
    """In the order in which they are asked, those that are being drained last."""
    last = F("closing_at").asc(nulls_first=True)
    return Pool.objects.of(team).filter(closed_at=None).order_by(last, "position", "pk")


@requires("pools.read")
def pools(request: TeamRequest) -> HttpResponse:
    """With htmx only the list."""
    found = open_pools(request.team).prefetch_related("connections")
    alive = VM.objects.filter(team=request.team).alive()
    vms = dict(alive.values_list("pool").annotate(Count("pk")).order_by())
    still_open = Job.objects.of(request.team).filter(state__in=[Job.State.QUEUED, Job.State.IN_PROGRESS])
    waiting = dict(still_open.values_list("pool").annotate(Count("pk")).order_by())
    shown = [(pool, vms.get(pool.pk, 0), waiting.get(pool.pk, 0)) for pool in found]
    context = {
        "rows": shown,
        "lowest": [pool for pool, _, _ in shown if not pool.closing_at][-1:],
        "linked": bool(shown) or Connection.objects.of(request.team).filter(disconnecting_at=None).exists(),
        "may_change": may(request.role, "pools.change"),
    }
    return render(
        request, "runners/pools/list.html#live" if request.htmx else "runners/pools/list.html", context
    )


@requires("pools.read")
def pool(request: TeamRequest, pk: int) -> HttpResponse:
    """One pool. With htmx only what changes."""
    now = timezone.now()
    found = one(request, pk, **_reboots(now))
    context = whole(found, now) | {"may_change": may(request.role, "pools.change")}
    context["caps"] = limits.caps_of(found.team)
    if found.schedule and not (found.closed_at or request.htmx):
        context["ready_hours"] = ready_hours.show(found, kept_ready.schedule(found), now)
    context["pressures"] = found.pressures.order_by("size") if found.cpu_target else []
    return render(
        request, "runners/pools/detail.html#live" if request.htmx else "runners/pools/detail.html", context
    )


def one(request: TeamRequest, pk: int, **more: Any) -> Pool:
    """With its team and that team's limits. `more`: expressions that are read with it."""
    connections = Prefetch("connections", Connection.objects.select_related("installation"))
    found = Pool.objects.of(request.team).select_related("team__limits").annotate(**more)
    return get_object_or_404(found.prefetch_related(connections), pk=pk)


def _reboots(now: datetime) -> dict[str, Subquery]:
    """Of late: how often VMs of a pool came back for a further job, and how long that took on the average."""
    back = Refresh.objects.filter(vm__pool=OuterRef("pk"), claimed_at__gte=now - SPAN).order_by()
    of_pool, lasted = back.values("vm__pool"), Avg(F("claimed_at") - F("began_at"))
    return {
        "reboots": Subquery(of_pool.annotate(count=Count("pk")).values("count")),
        "reboot_lasts": Subquery(of_pool.annotate(lasted=lasted).values("lasted")),
    }


def whole(pool: Pool, now: datetime) -> dict[str, Any]:
    """What changes while one looks: its VMs and open jobs, and what it decided."""
    alive = VM.objects.filter(pool=pool).alive().select_related("node")
    vms = list(alive.order_by("-pk"))  # as many as its maximum, or a few that are leaving beside it
    states = Counter(vm.state for vm in vms)
    image = next((vm.image for vm in vms if vm.image), None)
    still_open = board(pool.team).filter(pool=pool).exclude(state=Job.State.COMPLETED)
    return spent(pool, now) | {
        "pool": pool,
        "labels": onboarding.labels(pool),
        "asks": onboarding.syntax_for(pool.connections.all()).asks(onboarding.labels(pool)),
        "unable": [
            (connection, lacks)
            for connection in pool.connections.all()
            if (lacks := registry.unsupported(connection, "rerun"))
        ],
        "vms": vms[:SHOWN],
        "vm_count": len(vms),
        "busy": sum(states[state] for state in BUSY),
        "ready": states[VM.State.STANDBY],
        "starting": sum(states[state] for state in STARTING),
        "rows": rows(still_open.order_by("-pk")[:SHOWN], now),
        "events": list(Event.objects.filter(pool=pool, vm=None, job=None).order_by("-id")[:DECISIONS]),
        "isolates": grid.isolates(),
        "image": image,
        "image_built_at": images.built_at(image),
        "image_warnings": images.warnings(image, now),
        "live": pool.closed_at is None,
    }


def spent(pool: Pool, now: datetime) -> dict[str, Any]:
    """Of late: on jobs, and on boot and idle time beside them."""
    uses: Counter[bool] = Counter()
    for row in ledger.spent_by_pool(pool.team, now - SPAN):
        if row["pool_id"] == pool.pk:
            uses[row["use"] == "job"] += int(row["amount"])
    whole = uses[True] + uses[False]
    share = round(100 * uses[False] / whole) if whole else 0
    return {"on_jobs": Tft(uses[True]), "beside": Tft(uses[False]), "beside_share": share}


# --- Changing -----------------------------------------------------------------------------------------------------


@require_POST
@requires("pools.change")
def move(request: TeamRequest, pk: int, step: int) -> HttpResponse:
    """One place up or down in the order in which pools are asked."""
    found = get_object_or_404(open_pools(request.team), pk=pk, closing_at=None)
    nudges.follow(changes.move(found, step, request.user, timezone.now()))
    return redirect("pools", request.team.slug)


@requires("pools.change")
def close(request: TeamRequest, pk: int) -> HttpResponse:
    """Ask, saying what happens, then begin to drain it."""
    found = get_object_or_404(open_pools(request.team), pk=pk)
    if found.closing_at:
        messages.info(request, gettext("{pool} is already being deleted.").format(pool=found.name))
        return redirect("pool", request.team.slug, found.pk)
    if request.method == "POST":
        nudges.follow(changes.close(found, request.user, timezone.now()))
        messages.success(
            request,
            gettext("{pool} takes no more jobs and is deleted when its last VM is gone.").format(
                pool=found.name
            ),
        )
        return redirect("pools", request.team.slug)
    busy = VM.objects.filter(pool=found, state=VM.State.BUSY).count()
    text = gettext(
        "The pool takes no more jobs from now on. Queued jobs go to your other pools or are refused. {running}All its "
        "other VMs are deleted. Its history and costs are kept."
    )
    running = ngettext(
        "{count} job runs and can finish first. ", "{count} jobs run and can finish first. ", busy
    ).format(count=busy)
    return render(
        request,
        "confirm.html",
        {
            "title": gettext("Delete the pool {pool}?").format(pool=found.name),
            "text": text.format(running=running if busy else ""),
            "verb": gettext("Delete pool"),
            "back": reverse("pool", args=[request.team.slug, found.pk]),
        },
    )
