"""Regions, countries, farms and nodes to choose from, with how many nodes each has, as far as a search finds them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext

from runners.web.forms.choice import NodesForm
from tfci.grid.models import Node

MAX_SHOWN = 20  # farms and nodes that a search shows, beside those that are chosen


@dataclass(frozen=True, slots=True)
class Option:
    """`note`: how many nodes, or where the one is."""

    value: str
    text: str
    note: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Group:
    """`field` is the form's, `hidden`: how many more the search finds."""

    field: str
    title: str
    options: list[Option]
    errors: list[str]
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class PlacePicker:
    """What there is to choose from, as far as `search` finds it."""

    search: str
    groups: list[Group]

    @property
    def nothing_found(self) -> bool:
        return all(option.chosen for group in self.groups for option in group.options)

    def names(self, field: str) -> list[str]:
        return [option.value for group in self.groups if group.field == field for option in group.options]


def places(of_the_grid: QuerySet[Node], form: NodesForm, search: str) -> PlacePicker:
    """What is chosen comes first in its group, whether or not the search finds it. Three queries at most."""
    search = search.replace("\0", "").strip()[:100].lower()
    pairs = of_the_grid.order_by().values_list("region", "country").annotate(nodes=Count("pk"))
    regions, countries = Counter[str](), Counter[str]()
    for region, country, nodes in pairs:
        regions[region] += nodes
        countries[country] += nodes
    named = [
        _group(form, "regions", gettext("Regions"), _named(regions, search)),
        _group(form, "countries", gettext("Countries"), _named(countries, search)),
    ]
    numbered = [_farms(of_the_grid, form, search), _nodes(of_the_grid, form, search)]
    # without a search these are few, and chosen: nobody should scroll to see them
    return PlacePicker(search, named + numbered if search else numbered + named)


def _named(counts: Counter[str], search: str) -> Iterator[tuple[str, str, str, bool]]:
    """Value, text, note, and whether the search finds it."""
    for name, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        if name:
            yield name, name, f"{count:,}", search in name.lower()


def _farms(of_the_grid: QuerySet[Node], form: NodesForm, search: str) -> Group:
    chosen = _chosen(form, "farms")
    named = Q(farm__name__icontains=search) | Q(farm__farm_id__in=_numbers([search]))
    wanted = (named if search else Q(pk=None)) | Q(farm__farm_id__in=_numbers(chosen))
    rows = of_the_grid.filter(wanted).order_by().values_list("farm__farm_id", "farm__name")
    found = rows.annotate(nodes=Count("pk")).order_by("-nodes", "farm__farm_id") if search or chosen else ()
    options = ((str(farm), name, f"{nodes:,}", True) for farm, name, nodes in found)
    return _group(form, "farms", gettext("Farms"), options, MAX_SHOWN)


def _nodes(of_the_grid: QuerySet[Node], form: NodesForm, search: str) -> Group:
    chosen = _chosen(form, "node_ids")
    wanted = Q(node_id__in=_numbers([search, *chosen]))
    found = of_the_grid.filter(wanted).order_by("node_id") if search or chosen else Node.objects.none()
    rows = found.values_list("node_id", "farm__name", "country")
    options = (
        (str(node), gettext("Node {node}").format(node=node), f"{farm}, {country}", True)
        for node, farm, country in rows
    )
    return _group(form, "node_ids", gettext("Nodes"), options)


def _group(
    form: NodesForm,
    field: str,
    title: str,
    found: Iterable[tuple[str, str, str, bool]],
    most: int | None = None,
) -> Group:
    """Chosen ones that the grid doesn't have stay, so that they can be taken out."""
    chosen = _chosen(form, field)
    rows = {value: (text, note, shown) for value, text, note, shown in found}
    first = [Option(value, *rows.get(value, (value, "0", True))[:2], True) for value in chosen]
    others = [
        Option(value, text, note, False)
        for value, (text, note, shown) in rows.items()
        if shown and value not in chosen
    ]
    return Group(
        field,
        title,
        first + others[:most],
        [str(error) for error in form[field].errors],
        len(others) - len(others[:most]),
    )


def _chosen(form: NodesForm, field: str) -> dict[str, None]:
    entries = (str(entry).strip() for entry in form[field].value() or ())
    return dict.fromkeys(filter(None, entries))


def _numbers(texts: Iterable[str]) -> list[int]:
    """Those of the texts that a row's number can be."""
    return [int(text) for text in texts if text.isdecimal() and len(text) < 19]
