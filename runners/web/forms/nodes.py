"""Filters over the grid's nodes, from a URL."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet
from django.db.models.expressions import Combinable, RawSQL
from django.utils.translation import gettext_lazy as _

from billing import quotes
from runners.jobs import labels
from runners.web.forms.fields import TftFormField
from tfci.core.tft import Tft
from tfci.core.untyped import Sent
from tfci.grid.models import Node
from tfci.grid.nodes import fits
from tfci.grid.registry import network


class YesNo(forms.NullBooleanSelect):
    """Required, or not."""

    def __init__(self) -> None:
        super().__init__()
        self.choices = [("unknown", _("Any")), ("true", _("Yes")), ("false", _("No"))]


class Only(forms.CheckboxInput):
    """A box that asks for yes, or for nothing."""

    def __init__(self) -> None:
        super().__init__(check_test=lambda value: value in (True, "true"))

    def format_value(self, value: object) -> str:
        return "true"

    def value_from_datadict(self, data: Mapping[str, Any], files: object, name: str) -> Sent:
        return data.get(name)


least = partial(forms.IntegerField, required=False, min_value=0, max_value=10**6)
only = partial(forms.NullBooleanField, required=False, widget=Only)


def of_farm(farm: str) -> Q:
    named = Q(farm__name__icontains=farm)
    return named | Q(farm__farm_id=int(farm)) if farm.isdecimal() and len(farm) < 19 else named


# Seconds that half of the boots which a node remembers took at most
BOOT = RawSQL(
    "(SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY took) FROM unnest(grid_node.boot_ms) took) / 1000",
    (),
)
TRIED = F("deploys") + F("failures")
ORDERS: dict[str, list[str | Combinable]] = {
    "record": [
        ((F("deploys") + 1.0) / (TRIED + 2.0)).desc(),
        F("deploys").desc(),
        "node_id",
    ],  # few starts rank lower
    "memory": ["-free_mru", "node_id"],
    "price": [F("price_usd").asc(nulls_last=True), "node_id"],
}
SORTS = [
    ("", _("Newest first")),
    ("record", _("Best track record")),
    ("memory", _("Most free memory")),
    ("price", _("Lowest price of the whole node")),
]


class NodeFilterForm(forms.Form):
    """Prices are of a VM of `size`, in TFT an hour. KIND: the fields that are boxes."""

    node = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, label=_("Number"))
    farm = forms.CharField(
        label=_("Farm"), required=False, max_length=200, help_text=_("Number, or a part of the name.")
    )
    country = forms.CharField(label=_("Country"), required=False, max_length=80)
    region = forms.CharField(label=_("Region"), required=False, max_length=80)
    certified = forms.NullBooleanField(label=_("Certified"), widget=YesNo)
    up = forms.NullBooleanField(label=_("Up"), widget=YesNo)
    healthy = forms.NullBooleanField(label=_("Healthy"), widget=YesNo)
    min_cpu = least(label=_("Free CPUs"))
    min_ram = least(label=_("Free memory, GB"))
    min_ssd = least(label=_("Free disk, GB"))
    min_hdd = least(label=_("Free hard disk, GB"))
    size = forms.CharField(label=_("Size"), required=False, max_length=60)
    max_price = TftFormField(required=False, label=_("Maximum price (TFT/hour)"))
    min_success = forms.IntegerField(required=False, min_value=1, max_value=100, label=_("Success rate (%)"))
    boots_within = forms.IntegerField(required=False, min_value=1, max_value=3600, label=_("Boot time (s)"))
    min_days = least(label=_("Uptime (days)"))
    min_speed = least(label=_("Line, Mbit/s"))
    min_gpus = least(label=_("GPUs"))
    min_ips = least(label=_("Free IPv4"))
    fits = only(label=_("Fits one VM now"))
    dedicated = only(label=_("Dedicated"))
    rentable = only(label=_("Can be rented"))
    standby = only(label=_("Standby"))
    gateway = only(label=_("Is a gateway"))
    ipv6 = only(label=_("Has IPv6"))
    sort = forms.ChoiceField(label=_("Sort"), required=False, choices=SORTS)

    KIND = ("fits", "dedicated", "rentable", "standby", "gateway", "ipv6")
    LOOKUPS = {
        "node": "node_id",
        "country": "country__iexact",
        "region": "region__iexact",
        "certified": "certified",
        "up": "up",
        "healthy": "healthy",
        "min_cpu": "free_cru__gte",
        "min_ssd": "free_sru__gte",
        "min_gpus": "num_gpu__gte",
        "min_ips": "free_ips__gte",
        "dedicated": "dedicated",
        "rentable": "rentable",
        "standby": "standby",
        "gateway": "gateway",
        "ipv6": "ipv6",
    }
    # the filters that are no column: what was asked for -> which nodes
    RULES: Mapping[str, Callable[[Any], Q]] = {
        "farm": of_farm,
        "min_ram": lambda gb: Q(free_mru__gte=1024 * gb),
        "min_hdd": lambda gb: Q(total_hru__gte=F("used_hru") + gb),
        "min_success": lambda percent: Q(deploys__gt=0, deploys__gte=TRIED * percent / 100.0),
        "boots_within": lambda seconds: Q(boot__lte=seconds),
        "min_days": lambda days: Q(uptime__gte=86_400 * days),
        "min_speed": lambda mbit: Q(upload__gte=mbit * 10**6, download__gte=mbit * 10**6),
    }

    @property
    def kinds(self) -> list[forms.BoundField]:
        return [self[name] for name in self.KIND]

    def clean_size(self) -> labels.Size:
        try:
            return labels.Size.parse(self.cleaned_data["size"] or "small")
        except ValueError as error:
            raise ValidationError(f"{error}.") from None

    def prices(self, at: quotes.Reading | None = None) -> dict[bool, Tft]:
        """TFT an hour of the size, by whether the node is certified; {} before the grid's prices were read. `at`: the
        newest reading of them, where one has it."""
        at, size = at or quotes.prices(network()), self.cleaned_data["size"]
        if at is None:
            return {}
        return {certified: quotes.per_hour(size, at, certified=certified) for certified in (False, True)}

    def narrow(self, nodes: QuerySet[Node], prices: dict[bool, Tft], now: datetime) -> QuerySet[Node]:
        """The nodes that keep all filters that were given."""
        filters = {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
        nodes = nodes.annotate(boot=BOOT) if "boots_within" in filters else nodes
        nodes = nodes.filter(
            **{self.LOOKUPS[name]: filters[name] for name in filters if name in self.LOOKUPS}
        )
        nodes = nodes.filter(*(rule(filters[name]) for name, rule in self.RULES.items() if name in filters))
        if filters.get("fits"):
            size = filters["size"]
            nodes = nodes.filter(fits(size.cpu, size.memory_gb, size.disk_gb, now))
        if "max_price" in filters:
            cheap = [certified for certified, price in prices.items() if price <= filters["max_price"]]
            nodes = nodes.filter(certified__in=cheap)
        return nodes

    @property
    def order(self) -> Sequence[str | Combinable]:
        """What the list is sorted by; [] where nothing was asked for."""
        return ORDERS.get(self.cleaned_data.get("sort", ""), [])
