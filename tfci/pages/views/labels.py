"""From a size to the label to write, and from labels to what they mean."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy

from billing import pricing
from runners.jobs import label_words
from runners.jobs.labels import NAMED, Size, SizeLimits
from tfci.accounts.requests import SiteRequest
from tfci.core.list_prices.current import PEERS
from tfci.grid import nodes, registry
from tfci.grid.models import Node
from tfci.pages import rates
from tfci.pages.rate_limit import paced

A_MINUTE = 120  # calls of one address; a slider sends some
SHOWN = 6  # nodes
NEW_POOL = SizeLimits.over(NAMED.values())  # what a pool serves unless it is told otherwise
EXAMPLES = (
    "[tfgrid, small]",
    "tfgrid",
    "tfgrid-ubuntu-24.04-amd64-4x16x100",
    "64cpu512gbram50gbssd",
    "4cpu8gbram50gbssd-arm64",
    "self-hosted",
    "[tfgrid, gpu]",
)


class SizeForm(forms.Form):
    """The three numbers. `reach` is how far the slider beside each goes; one may type more."""

    cpu = forms.IntegerField(label="CPUs", min_value=1, max_value=64)
    ram = forms.IntegerField(label=gettext_lazy("Memory"), min_value=1, max_value=512)
    disk = forms.IntegerField(label=gettext_lazy("Disk"), min_value=10, max_value=5000)

    REACH = {"cpu": (1, 32, 1, "vCPU"), "ram": (1, 128, 1, "GB"), "disk": (10, 1000, 10, "GB")}

    def sliders(self) -> list[tuple[BoundField, int, int, int, str]]:
        """Each field with its slider's least, most, step, and its unit."""
        return [(self[name], *reach) for name, reach in self.REACH.items()]


class LabelForm(forms.Form):
    label = forms.CharField(label=gettext_lazy("Label, or a list of labels"), max_length=300, required=False)


@dataclass(frozen=True, slots=True)
class Room:
    """A node, and how many VMs of the size it has room for."""

    node: Node
    vms: int


@login_not_required
@paced(A_MINUTE)
def labels(request: SiteRequest) -> HttpResponse:
    """The builder and the explainer; with htmx the answer of the builder alone."""
    small = NAMED["small"]
    values = {"cpu": small.cpu, "ram": small.memory_gb, "disk": small.disk_gb} | request.GET.dict()
    form = SizeForm(values)
    context = {"form": form, "named": NAMED, "anchor": settings.ANCHOR, "made_up": rates.made_up()}
    if form.is_valid():
        context |= _built(Size(*(form.cleaned_data[name] for name in form.REACH)))
    if request.htmx:
        return render(request, "site/labels.html#built", context)
    return render(request, "site/labels.html", context | _explained(request))


def _built(size: Size) -> dict[str, Any]:
    at = rates.now()
    fit = nodes.fitting(registry.network(), size.cpu, size.memory_gb, size.disk_gb, timezone.now())
    most = fit.select_related("farm").order_by("-free_mru", "pk")[:SHOWN]
    return {
        "size": size,
        "label": next((name for name, named in NAMED.items() if named == size), str(size)),
        "at": at,
        "minute": at and at.minute(size),
        "certified": at and at.minute(size, certified=True),
        "month": at and at.cost(size, rates.MINUTE * 60 * rates.HOURS),
        "peers": [
            (peer, cpu, cpu and peer.per_minute[cpu]) for peer in PEERS for cpu in [peer.fits(size.cpu)]
        ],
        "rooms": [Room(node, room_for(size, node)) for node in most],
        "fit": fit.count(),
        "for_nothing": for_nothing(size),
        "too_large": any(getattr(size, part) > getattr(NEW_POOL, part) for part in SizeLimits.__slots__),
        "new_pool": NEW_POOL,
    }


def room_for(size: Size, node: Node) -> int:
    """VMs of the size that fit beside each other. CPUs are shared, so they don't count."""
    return min(node.free_mru // (1024 * size.memory_gb), node.free_sru // size.disk_gb)


def for_nothing(size: Size) -> int | None:
    """The processors that this memory gets at the same price, where they are more than asked for."""
    units = pricing.compute_units(size.cpu, size.memory_gb)
    most = max(cpu for cpu in range(size.cpu, 65) if pricing.compute_units(cpu, size.memory_gb) == units)
    return most if most > size.cpu else None


def _explained(request: HttpRequest) -> dict[str, Any]:
    """What the reader asked about, and examples."""
    form = LabelForm(request.GET)
    text = form.cleaned_data["label"] if form.is_valid() else ""
    return {
        "label_form": form,
        "asked": text,
        "answer": _explain(text) if text else None,
        "examples": [(example, _explain(example)) for example in EXAMPLES],
    }


def _explain(text: str) -> label_words.Explained:
    return label_words.explain(label_words.split(text), settings.ANCHOR, NAMED["small"], NEW_POOL)
