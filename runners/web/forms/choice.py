"""On which nodes VMs may run: what pools and servers are asked alike."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy as _

from runners.web.forms import fields
from tfci.grid.models import Node
from tfci.grid.registry import network


class NodesForm(forms.Form):
    """A choice of nodes is one column, and a field for each of NODES and RULE here."""

    NODES = {"node_ids": "ids", "farms": "farms", "countries": "countries", "regions": "regions"}
    RULE: tuple[str, ...] = ("certified", "min_success_percent", "max_price")

    node_ids = fields.ListField(read=fields.number, most=1000, label=_("Nodes"))
    farms = fields.ListField(label=_("Farms"), read=fields.number)
    countries = fields.ListField(label=_("Countries"), read=fields.plain, separator=fields.LINES)
    regions = fields.ListField(label=_("Regions"), read=fields.plain, separator=fields.LINES)
    certified = forms.BooleanField(
        required=False, label=_("Certified nodes only"), help_text=_("VMs on certified nodes cost more.")
    )
    min_success_percent = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=100,
        label=_("Minimum success rate (%)"),
        help_text=_("Skips nodes where a smaller share of our VMs started."),
    )
    max_price = fields.TftFormField(
        required=False,
        label=_("Maximum price (TFT/hour)"),
        help_text=_("For one VM; skips nodes where it costs more."),
    )

    @classmethod
    def nodes_of(cls, nodes: Mapping[str, Any]) -> dict[str, Any]:
        """The fields that the column is split into."""
        rule = nodes.get("rule") or {}
        named = {field: nodes.get(key, []) for field, key in cls.NODES.items()}
        price = re.sub(r"\.?0+$", "", text) if "." in (text := str(rule.get("max_price") or "")) else text
        return named | {key: rule.get(key) for key in cls.RULE} | {"max_price": price or None}

    def clean_node_ids(self) -> list[int]:
        return self._known("node_ids", "node_id", gettext("There is no node {} on this grid."))

    def clean_farms(self) -> list[int]:
        return self._known("farms", "farm__farm_id", gettext("There is no farm {} with nodes on this grid."))

    def clean_countries(self) -> list[str]:
        return self._known("countries", "country", gettext("No node of this grid stands in “{}”."))

    def clean_regions(self) -> list[str]:
        return self._known("regions", "region", gettext("No node of this grid stands in “{}”."))

    def _known(self, field: str, column: str, sentence: str) -> list[Any]:
        """The entries as the grid spells them, once it has every one."""
        entries = self.cleaned_data[field]
        there = Node.objects.filter(network=network()).values_list(column, flat=True).distinct()
        known = {str(entry).lower(): entry for entry in (there if entries else ())}
        if missing := [entry for entry in entries if str(entry).lower() not in known]:
            message = [sentence.format(entry) for entry in missing[: fields.MOST_SENTENCES]]
            raise ValidationError(message)
        return [known[str(entry).lower()] for entry in entries]

    def nodes(self, cleaned: dict[str, Any]) -> dict[str, Any]:
        """The column, of what was filled in."""
        named = {key: cleaned[field] for field, key in self.NODES.items() if cleaned[field]}
        rule = {key: cleaned[key] for key in self.RULE if cleaned[key]}
        if cleaned["max_price"]:
            rule["max_price"] = str(cleaned["max_price"])
        return named | ({"rule": rule} if rule else {})
