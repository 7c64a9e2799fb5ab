"""A pool's form: new or changed, with a live answer to what is chosen now."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django_htmx.http import HttpResponseClientRedirect

from billing import quotes
from runners.jobs.labels import NAMED, Size, SizeLimits
from runners.models import Pool
from runners.pools import changes, kept_ready, overlaps
from runners.pools.changes import PoolChange
from runners.pools.schedule import Schedule
from runners.queue import nudges
from runners.vms import supply
from runners.web.forms import PoolForm, schedule
from runners.web.views.nodes import picker
from runners.web.views.pools import drafts, fit, ready_hours
from tfci.accounts.access import requires
from tfci.accounts.requests import TeamRequest
from tfci.grid import registry
from tfci.grid.models import Node

ONLY_LOOKS = ("ask", "search", *drafts.BUTTONS)  # buttons that save nothing


@requires("pools.change")
def new(request: TeamRequest) -> HttpResponse:
    """`?node=` may come several times, from the finder, which brings the size too."""
    chosen = [int(text) for text in request.GET.getlist("node") if text.isdecimal() and len(text) < 19]
    last = Pool.next_position(request.team)
    draft = Pool(team=request.team, nodes={"ids": chosen} if chosen else {}, position=last)
    return _edit(request, draft, changes.create, gettext("It takes jobs from now on."))


@requires("pools.change")
def edit(request: TeamRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Pool.objects.of(request.team).select_related("team"), pk=pk)
    if found.closing_at:
        text = gettext("{pool} was deleted. Nothing is saved.")
        messages.error(request, text.format(pool=found.name))
        pools = reverse("pools", args=[request.team.slug])
        return HttpResponseClientRedirect(pools) if request.htmx else redirect(pools)
    return _edit(request, found, changes.change, gettext("The change counts from now on."))


def _edit(request: TeamRequest, pool: Pool, save: PoolChange, done: str) -> HttpResponse:
    """The form; with htmx, or by a button that saves nothing, only the answer to what is chosen now."""
    data = drafts.filled_in(request)
    if data is not None and drafts.finds(data):
        return _to_the_finder(request, pool, data)
    if "size" in request.GET and "node" not in request.GET:
        messages.info(request, gettext("No node was ticked in the node finder."))
    form = PoolForm(request.team, data, pool=pool)
    _offer_connections(form)
    asks = bool(request.htmx) or request.method == "GET" or _only_looks(request.POST)
    if not asks and form.is_valid() and _save(request, form, save, done):
        return redirect("pool", request.team.slug, form.instance.pk)
    context = _context(request, form, pool) | {"refused": form.is_bound and not asks}
    if asks and form.is_bound:
        form.forget_missing()
    if not request.htmx:
        return render(request, "runners/pools/form.html", context)
    searches = "search" in request.GET
    return render(
        request, "runners/pools/where.html#places" if searches else "runners/pools/form.html#answer", context
    )


def _only_looks(data: QueryDict) -> bool:
    """Enter in the field of the picker searches; elsewhere it saves."""
    return any(button in data for button in ONLY_LOOKS) or ("enter" in data and bool(data.get("place")))


def _to_the_finder(request: TeamRequest, pool: Pool, data: QueryDict) -> HttpResponse:
    """With what the form says of nodes as filters."""
    drafts.set_aside(request, data)
    query = {"up": "true", "healthy": "true", "pool": pool.pk or "new"}
    query |= {"max_price": data.get("max_price", ""), "size": data.get("default_size", "")}
    query |= {"certified": "true"} if "certified" in data else {}
    return redirect(f"{reverse('nodes', args=[request.team.slug])}?{urlencode(query)}")


def _offer_connections(form: PoolForm) -> None:
    """The only one is chosen beforehand."""
    form.fields["connections"].widget.choices = [(found.pk, str(found)) for found in form.offered]
    if not form.instance.pk and len(form.offered) == 1:
        form.initial["connections"] = form.offered


def _context(request: TeamRequest, form: PoolForm, pool: Pool) -> dict[str, Any]:
    of_the_grid = Node.objects.filter(network=registry.network())
    places = picker.places(of_the_grid, form, request.POST.get("place", ""))
    if "search" in request.GET:
        return {"form": form, "places": places}
    now, plan = timezone.now(), _plan(form)
    return {
        "form": form,
        "places": places,
        "pool": pool,
        "fit": _fit(form, pool, plan, now),
        "ready_hours": ready_hours.show(form.instance, plan, now) if plan and plan.rows else None,
        "weekdays": schedule.DAY_NAMES.items(),
        "new_hours": schedule.working_hours(pool.default_size),
        "overlaps": _overlaps(form),
        "kept": form.cleaned_data.get("min_vms") if form.is_bound else pool.min_vms,
        "largest": _largest(form),
        "wrong": [form[name] for name in form.fields if name in _choice(form) and name in form.errors],
        "sizes": NAMED,
        "presets": drafts.offered(places.names("regions")),
        "applied": request.POST.get("preset"),
        "added": request.POST.get("add"),
    }


def _largest(form: PoolForm) -> SizeLimits | None:
    """Up to what jobs are served; None while a size can't be read."""
    sizes = form.cleaned_data.get("sizes") if form.is_bound else form.instance.sizes
    return SizeLimits.over(map(Size.parse, sizes)) if sizes else None


def _fit(form: PoolForm, pool: Pool, plan: Schedule | None, now: datetime) -> fit.Fit | None:
    """None while the nodes or sizes make no sense: then their fields say why."""
    at = quotes.prices(registry.network(), pool.team_id)
    if not form.is_bound:
        size = Size.parse(pool.default_size)
        return fit.compute(supply.choice(pool), size, pool.min_vms, plan, at, now)
    form.is_valid()
    if _choice(form) & set(form.errors):
        return None
    values = form.cleaned_data
    size, kept = Size.parse(values["default_size"]), values["min_vms"]
    choice = replace(supply.choice(form.instance), min_nodes=values.get("min_distinct_nodes", 1))
    return fit.compute(choice, size, kept, plan, at, now)


def _plan(form: PoolForm) -> Schedule | None:
    """None while its rows make no sense: then their field says why."""
    if form.is_bound and not form.is_valid() and {"schedule", "min_vms"} & set(form.errors):
        return None
    return kept_ready.schedule(form.instance)


def _overlaps(form: PoolForm) -> list[overlaps.Overlap]:
    """Of what is chosen now, so far as it makes sense. The page of a saved pool tells its own."""
    if not form.is_bound:
        return []
    form.is_valid()
    return overlaps.find(form.instance, form.cleaned_data.get("connections", ()))


def _choice(form: PoolForm) -> set[str]:
    """The fields that say which nodes fit, and what is kept ready there."""
    return {"default_size", "min_vms", *form.NODES, *form.RULE}


def _save(request: TeamRequest, form: PoolForm, save: PoolChange, done: str) -> bool:
    try:
        effects = save(form.instance, form.cleaned_data["connections"], request.user, timezone.now())
    except changes.PoolNameTaken:
        form.add_error("name", gettext("A pool of this name is there already. Choose another name."))
        return False
    nudges.follow(effects)
    messages.success(request, gettext("{pool} is saved. {done}").format(pool=form.instance.name, done=done))
    return True
