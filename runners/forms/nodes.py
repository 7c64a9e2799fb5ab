"""Filters over the grid's nodes, from a URL."""

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from billing import quotes
from runners.forms.fields import TftField
from runners.rules import labels
from tfci.grid.connect import network
from tfci.grid.models import Node
from tfci.tft import Tft


class YesNo(forms.NullBooleanSelect):
    """Asked for, or not."""

    def __init__(self) -> None:
        super().__init__()
        self.choices = [("unknown", "Any"), ("true", "Yes"), ("false", "No")]


class NodeFilterForm(forms.Form):
    """Prices are of a machine of `size`, in TFT an hour."""

    node = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, label="Number")
    farm = forms.CharField(required=False, max_length=200, help_text="Its number, or a part of its name.")
    country = forms.CharField(required=False, max_length=80)
    region = forms.CharField(required=False, max_length=80)
    certified = forms.NullBooleanField(widget=YesNo)
    up = forms.NullBooleanField(widget=YesNo)
    healthy = forms.NullBooleanField(widget=YesNo)
    min_cpu = forms.IntegerField(required=False, min_value=0, max_value=10**6, label="Free processors")
    min_ram = forms.IntegerField(required=False, min_value=0, max_value=10**6, label="Free memory, GB")
    min_ssd = forms.IntegerField(required=False, min_value=0, max_value=10**6, label="Free disk, GB")
    size = forms.CharField(required=False, max_length=60)
    max_price = TftField(required=False, label="TFT an hour, at most")

    LOOKUPS = {
        "node": "node_id",
        "country": "country__iexact",
        "region": "region__iexact",
        "certified": "certified",
        "up": "up",
        "healthy": "healthy",
        "min_cpu": "free_cru__gte",
        "min_ssd": "free_sru__gte",
    }

    def clean_size(self) -> labels.Size:
        try:
            return labels.Size.parse(self.cleaned_data["size"] or "small")
        except ValueError as error:
            raise ValidationError(f"{error}.") from None

    def prices(self) -> dict[bool, Tft]:
        """TFT an hour of the size, by whether the node is certified; {} before the grid's prices were read."""
        now, size = quotes.prices(network()), self.cleaned_data["size"]
        if now is None:
            return {}
        return {certified: quotes.per_hour(size, now, certified=certified) for certified in (False, True)}

    def narrow(self, nodes: QuerySet[Node], prices: dict[bool, Tft]) -> QuerySet[Node]:
        """The nodes that keep all filters that were given."""
        asked = {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
        nodes = nodes.filter(**{self.LOOKUPS[name]: asked[name] for name in asked if name in self.LOOKUPS})
        if farm := asked.get("farm"):
            named = Q(farm__name__icontains=farm)
            nodes = nodes.filter(named | Q(farm__farm_id=int(farm)) if farm.isdecimal() else named)
        if "min_ram" in asked:
            nodes = nodes.filter(free_mru__gte=1024 * asked["min_ram"])
        if "max_price" in asked:
            cheap = [certified for certified, price in prices.items() if price <= asked["max_price"]]
            nodes = nodes.filter(certified__in=cheap)
        return nodes
