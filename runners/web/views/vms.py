"""The team's VMs: the list, one with its whole life, and its end by hand."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.db.models import Count, Exists, Prefetch, QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from billing import ledger, price_parts
from billing.uses import Use
from runners.metering import charges, spans as metering_spans
from runners.models import VM, Event, Pool, Runner
from runners.queue import nudges
from runners.vms import images, metrics, retiring, trust
from runners.web.views.debug import panel
from tfci.accounts.access import may, requires
from tfci.accounts.models import Team
from tfci.accounts.requests import TeamRequest
from tfci.core import paging
from tfci.core.optional import present
from tfci.core.tft import Tft
from tfci.grid import registry

BEATS = 180  # the last half hour of heartbeats
EVENTS = 100


class VMFilter(forms.Form):
    """Filters of the list, from the URL; with a value that makes no sense they find nothing."""

    pool = forms.ChoiceField(label=gettext_lazy("Pool"), required=False)
    state = forms.ChoiceField(
        label=gettext_lazy("State"), required=False, choices=[("", gettext_lazy("All")), *VM.State.choices]
    )

    def __init__(self, team: Team, query: QueryDict) -> None:
        super().__init__(query)
        pools = Pool.objects.of(team).order_by("position", "pk").values_list("pk", "name")
        cast(forms.ChoiceField, self.fields["pool"]).choices = [("", gettext("All pools")), *pools]

    def apply(self, vms: QuerySet[VM]) -> QuerySet[VM]:
        if not self.is_valid():
            return vms.none()
        return vms.filter(**{name: value for name, value in self.cleaned_data.items() if value})


@requires("vms.read")
def vms(request: TeamRequest) -> HttpResponse:
    """Newest first. With htmx only the list."""
    form, shown = VMFilter(request.team, request.GET), request.GET.get("state", "")
    found = form.apply(VM.objects.filter(team=request.team).select_related("node", "pool", "server", "quote"))
    page = paging.page(found, request.GET)
    now = timezone.now()
    costs = charges.totals(page.items, now)
    context = {
        "page": page,
        "rows": [(vm, _age(vm, now), costs[vm.pk]) for vm in page.items],
        "form": form,
        "shown": shown,
        "tabs": tabs(request),
        "live": not page.newer or any(vm.state != VM.State.GONE for vm in page.items),
    }
    return render(request, "runners/vms/list.html#list" if request.htmx else "runners/vms/list.html", context)


def _age(vm: VM, now: datetime) -> timedelta | None:
    """How long it has been paid for."""
    since = vm.contract_created_at
    return max((vm.contract_ended_at or now) - since, timedelta()) if since else None


def tabs(request: TeamRequest) -> list[tuple[str, str, int | None]]:
    """State, the query that shows it (the pool kept), and how many there are that are not gone."""
    alive = VM.objects.filter(team=request.team).alive()
    counts = dict(alive.values_list("state").annotate(Count("pk")).order_by())
    made = []
    for word in ("", *VM.State.values):
        query = request.GET.copy()
        for name in ("state", "older", "newer"):
            query.pop(name, None)
        if word:
            query["state"] = word
        made.append((word, "?" + query.urlencode(), counts.get(word)))
    return made


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a VM's time; `cost` is of all its time of that use and job."""

    name: str
    job_id: int | None
    start: datetime
    length: timedelta


@requires("vms.read")
def vm(request: TeamRequest, pk: int) -> HttpResponse:
    """One VM. With htmx only what changes while it is not gone."""
    found = get_object_or_404(
        VM.objects.filter(team=request.team)
        .annotate(has_keys=Exists(request.user.ssh_keys.all()))  # whether the reader could get in
        .select_related("node__farm", "pool", "server", "quote")
        .prefetch_related(
            "refreshes",
            "debug",
            Prefetch(
                "runners", Runner.objects.select_related("job", "asked_for", "connection").order_by("-pk")
            ),
        ),
        pk=pk,
    )
    now = timezone.now()
    context = whole(found, now) | {
        "may_retire": may(request.role, "vms.retire"),
        "debug": panel(request, found, now, has_keys=found.has_keys),  # type: ignore[attr-defined]  # asked beside it,
    }
    return render(
        request, "runners/vms/detail.html#live" if request.htmx else "runners/vms/detail.html", context
    )


def whole(vm: VM, now: datetime) -> dict[str, Any]:
    """All that the page of one VM shows."""
    spans, loads = charges.spans(vm, now), metrics.latest(vm, BEATS)
    costs, uses = charges.priced(vm, spans), _uses(vm, spans)
    runners = list(vm.runners.all())
    return {
        "vm": vm,
        "made_of": price_parts.of_quote(vm.quote) if vm.quote else None,
        "now": now,
        "age": _age(vm, now),
        "uses": uses,
        "costs": [(use, job_id, cost) for (use, job_id), cost in costs.items()],
        "cost": Tft(sum(costs.values())),
        "charged": ledger.spent(vm_id=vm.pk),
        "runners": runners,
        "isolates": registry.isolates(),
        "image_built_at": images.built_at(vm.image),
        "image_warnings": images.warnings(vm.image, now),
        "serves": trust.repository_of(vm.scope) or next((runner.connection.name for runner in runners), ""),
        "reboots": sum(use.name == Use.REFRESH for use in uses),
        "events": list(Event.objects.filter(vm=vm).order_by("-id")[:EVENTS]),
        "samples": metrics.thin(metrics.samples(loads), metrics.POINTS),
        "last_load": loads[-1] if loads else None,
        "live": vm.state != VM.State.GONE,
    }


def _uses(vm: VM, spans: list[metering_spans.Span]) -> list[Stretch]:
    return [
        Stretch(
            span.use,
            span.job_id,
            present(vm.contract_created_at) + timedelta(milliseconds=span.start),
            timedelta(milliseconds=span.stop - span.start),
        )
        for span in spans
    ]


@requires("vms.retire")
def retire(request: TeamRequest, pk: int) -> HttpResponse:
    """Ask, then wish for its end; a VM that runs a job is left alone."""
    found = get_object_or_404(VM.objects.filter(team=request.team), pk=pk)
    going = found.retire_reason or found.state in (VM.State.REMOVING, VM.State.GONE)
    if going or request.method == "POST":
        end(request, found)
        return redirect("vm", request.team.slug, found.pk)
    return render(
        request,
        "confirm.html",
        {
            "title": gettext("Retire {vm}?").format(vm=found.name),
            "text": gettext(
                "Farmhand removes its runner from the forge and cancels its contract, which is charged to "
                "the second. If a job is waiting for it, another VM replaces it."
            ),
            "verb": gettext("Retire VM"),
            "back": reverse("vm", args=[request.team.slug, found.pk]),
        },
    )


def end(request: TeamRequest, vm: VM) -> None:
    """Carry it out and say what came of it."""
    try:
        if retiring.retire(vm, request.user, timezone.now()):
            nudges.step(vm.pk)
            messages.success(request, gettext("{vm} is being deleted.").format(vm=vm.name))
        else:
            text = gettext("{vm} is already being deleted.")
            if vm.state == VM.State.GONE:
                text = gettext("{vm} is already deleted.")
            messages.info(request, text.format(vm=vm.name))
    except retiring.InUse as refused:
        messages.error(request, str(refused))
