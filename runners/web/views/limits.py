"""A team's spending limits: what is used of each, and the pages that set them."""

from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from billing.spending import changes
from billing.spending.changes import LimitRow
from billing.spending.limit import Limit
from runners.metering import forecasts, limit_usage
from runners.pools.changes import after_limits
from runners.queue import nudges
from runners.web.forms.limits import AmountForm, LimitForm
from tfci.accounts.access import may, requires
from tfci.accounts.requests import TeamRequest


@requires("spend.read")
def limits(request: TeamRequest) -> HttpResponse:
    """With htmx only the list."""
    now = timezone.now()
    used = limit_usage.read(request.team.pk, now)
    usages, forecast = {usage.limit.id: usage for usage in used.usages}, forecasts.of_limits(used, now)
    context = {
        "rows": [(limit, usages.get(limit.id), forecast.get(limit.id)) for limit in used.limits],
        "may_change": may(request.role, "limits.change"),
    }
    return render(request, f"runners/spend/limits.html{'#live' if request.htmx else ''}", context)


@requires("limits.change")
def new(request: TeamRequest) -> HttpResponse:
    form = LimitForm(request.team, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            changes.create(request.team, form.limit(), request.user, timezone.now())
        except changes.LimitTaken:
            form.add_error(
                None, gettext("There is already a limit for this and that period. Change that one instead.")
            )
        except changes.TooManyLimits:
            form.add_error(
                None,
                gettext("A team can have up to {most} limits. Delete another one first.").format(
                    most=changes.MAX_LIMITS
                ),
            )
        else:
            return _done(request, gettext("The limit is set."))
    return _page(request, form)


@requires("limits.change")
def edit(request: TeamRequest, pk: int) -> HttpResponse:
    row, limit = _one(request, pk)
    form = AmountForm.of(row, request.POST or None)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        changed = replace(limit, amount=values["amount"], stops=values["stops"])
        changes.change(row, changed, request.user, timezone.now())
        return _done(request, gettext("The limit is saved."))
    return _page(request, form, limit)


@requires("limits.change")
def delete(request: TeamRequest, pk: int) -> HttpResponse:
    row, limit = _one(request, pk)
    if request.method == "POST":
        changes.delete(row, limit, request.user, timezone.now())
        return _done(request, gettext("The limit is deleted."))
    context = {
        "title": gettext("Delete this spending limit?"),
        "text": gettext("Jobs that wait because of it start as soon as their VMs do."),
        "verb": gettext("Delete limit"),
        "back": reverse("limits", args=[request.team.slug]),
    }
    return render(request, "confirm.html", context)


def _one(request: TeamRequest, pk: int) -> tuple[LimitRow, Limit]:
    row = get_object_or_404(changes.rows(request.team), pk=pk)
    return row, changes.as_limit(row, limit_usage.pool_names([row]))


def _page(request: TeamRequest, form: AmountForm, limit: Limit | None = None) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(request, "runners/spend/limit.html", {"form": form, "limit": limit}, status=status)


def _done(request: TeamRequest, text: str) -> HttpResponse:
    """What waited for a limit is decided at once."""
    nudges.follow(after_limits(request.team))
    messages.success(request, text)
    return redirect("limits", request.team.slug)
