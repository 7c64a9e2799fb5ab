"""Drain a node for the team's pools, and use it again."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from runners.models import VM, Pool
from runners.pools import drains as pool_drains
from runners.queue import nudges
from tfci.accounts.access import requires
from tfci.accounts.requests import TeamRequest
from tfci.grid import drains, registry
from tfci.grid.models import Node


@requires("nodes.drain")
def drain(request: TeamRequest, number: int) -> HttpResponse:
    """Ask, saying what happens, then begin."""
    node = _one(number)
    if request.method == "POST":
        nudges.follow(pool_drains.drain(node, request.team, request.user, timezone.now()))
        messages.success(
            request,
            gettext("Node {number} is being drained. No VM of the team starts on it.").format(number=number),
        )
        return redirect(_back(request, number))
    busy = VM.objects.filter(team=request.team, node=node, state=VM.State.BUSY).count()
    text = gettext(
        "No VM of the team starts on this node from now on. Idle VMs on it are deleted and replaced on other nodes if "
        "needed. {running}Any member who can drain nodes can stop draining."
    )
    running = ngettext(
        "{count} job runs there and will not be interrupted. ",
        "{count} jobs run there and will not be interrupted. ",
        busy,
    ).format(count=busy)
    context = {
        "title": gettext("Drain node {number}?").format(number=number),
        "text": text.format(running=running if busy else ""),
        "verb": gettext("Drain node"),
        "back": _back(request, number),
    }
    return render(request, "confirm.html", context)


@require_POST
@requires("nodes.drain")
def use(request: TeamRequest, number: int) -> HttpResponse:
    """VMs may start there again."""
    if drains.end(_one(number), request.team, request.user, timezone.now()):
        messages.success(
            request, gettext("VMs of the team can start on node {number} again.").format(number=number)
        )
    return redirect(_back(request, number))


def _one(number: int) -> Node:
    return get_object_or_404(Node, network=registry.network(), node_id=number)


def _back(request: TeamRequest, number: int) -> str:
    """The page of the pool that led here (`?pool=`), else the node's own."""
    pool = request.GET.get("pool", "")
    pk = int(pool) if pool.isdecimal() and len(pool) < 19 else 0
    known = Pool.objects.of(request.team).filter(pk=pk).exists()
    if known:
        return reverse("pool", args=[request.team.slug, pk])
    return f"{reverse('nodes_compare', args=[request.team.slug])}?node={number}"
