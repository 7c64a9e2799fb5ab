"""A pool's form: new or changed, with a live answer to what is chosen now."""

from dataclasses import replace
from datetime import datetime
from typing import cast

from django.contrib import messages
from django.forms import ModelMultipleChoiceField
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from runners.jobs.labels import NAMED, Size
from runners.models import Pool
from runners.pools import changes as deeds, overlaps
from runners.pools.changes import Deed
from runners.queue import nudges
from runners.vms import supply
from runners.web.forms import PoolForm
from runners.web.views.nodes.list import places
from runners.web.views.pools import fit
from runners.web.views.pools.pages import open_pools
from tfci.accounts.access import requires
from tfci.accounts.requests import TeamRequest
from tfci.forges.models import Connection
from tfci.grid import registry
from tfci.grid.models import Node


@requires("pools.change")
def new(request: TeamRequest) -> HttpResponse:
    """`?node=` may come several times, from the finder, which brings the size too."""
    chosen = [int(text) for text in request.GET.getlist("node") if text.isdecimal() and len(text) < 19]
    if "size" in request.GET and not chosen:
        messages.info(request, "No node was ticked in the finder: this pool may use every node so far.")
    last = Pool.next_position(request.team)
    draft = Pool(team=request.team, nodes={"ids": chosen} if chosen else {}, position=last)
    return _edit(request, draft, deeds.make, "It takes jobs from now on.")


@requires("pools.change")
def edit(request: TeamRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(open_pools(request.team), pk=pk, closing_at=None)
    return _edit(request, found, deeds.change, "The change counts from now on.")


def _edit(request: TeamRequest, pool: Pool, deed: Deed, done: str) -> HttpResponse:
    """The form; with htmx, or by its second button, only the answer to what is chosen now."""
    form = PoolForm(request.team, request.POST or None, pool=pool)
    connections = list(
        cast("ModelMultipleChoiceField[Connection]", form.fields["connections"]).queryset or ()
    )
    form.fields["connections"].widget.choices = [
        (connection.pk, str(connection)) for connection in connections
    ]  # read once, shown twice
    if not pool.pk:
        form.initial["connections"] = (
            connections if len(connections) == 1 else []
        )  # chosen beforehand where there is no choice
    asks = request.htmx or "ask" in request.POST
    if request.method == "POST" and not asks and form.is_valid() and _save(request, form, deed, done):
        return redirect("pool", request.team.slug, form.instance.pk)
    context = {
        "form": form,
        "pool": pool,
        "fit": _fit(form, pool, timezone.now()),
        "overlaps": _overlaps(form),
        "kept": form.cleaned_data.get("min_vms") if form.is_bound else pool.min_vms,
        "wrong": [sentence for name in _choice(form) & set(form.errors) for sentence in form.errors[name]],
        "places": places(Node.objects.filter(network=registry.network())),
        "sizes": NAMED,
        "asks": asks,
    }
    return render(
        request, "runners/pool_form.html#fit" if request.htmx else "runners/pool_form.html", context
    )


def _fit(form: PoolForm, pool: Pool, now: datetime) -> fit.Fit | None:
    """None while the nodes or sizes make no sense: then their fields say why."""
    if not form.is_bound:
        return fit.compute(supply.choice(pool), Size.parse(pool.default_size), pool.min_vms, now)
    form.is_valid()
    if _choice(form) & set(form.errors):
        return None
    said = form.cleaned_data
    size, kept = Size.parse(said["default_size"]), said["min_vms"]
    choice = replace(supply.choice(form.instance), least_nodes=said.get("min_distinct_nodes", 1))
    return fit.compute(choice, size, kept, now)


def _overlaps(form: PoolForm) -> list[overlaps.Overlap]:
    """Of what is chosen now, so far as it makes sense. The page of a saved pool tells its own."""
    if not form.is_bound:
        return []
    form.is_valid()
    return overlaps.find(form.instance, form.cleaned_data.get("connections", ()))


def _choice(form: PoolForm) -> set[str]:
    """The fields that say which nodes fit, and what is kept ready there."""
    return {"default_size", "min_vms", *form.NODES, *form.RULE}


def _save(request: TeamRequest, form: PoolForm, deed: Deed, done: str) -> bool:
    try:
        effects = deed(form.instance, form.cleaned_data["connections"], request.user, timezone.now())
    except deeds.PoolNameTaken:
        form.add_error("name", "A pool of this name is there already. Choose another name.")
        return False
    nudges.follow(effects)
    messages.success(request, f"{form.instance.name} is saved. {done}")
    return True
