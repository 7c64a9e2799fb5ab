"""Pages of a long list by key, so that they stay right while rows are added above."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import QueryDict

Item = TypeVar("Item")
Row = TypeVar("Row", bound=Model)
SIZE = 50


@dataclass(frozen=True)
class RowPage(Generic[Item]):
    """Rows from new to old; `newer` and `older` are the query of the next page each way, or ""."""

    items: list[Item]
    newer: str = ""
    older: str = ""


def page(rows: QuerySet[Row], query: QueryDict, size: int = SIZE) -> RowPage[Row]:
    """One page of a queryset, newest id first; `query` is request.GET with `older` or `newer` and a row's id.

    Other parameters (filters) stay in the links. A key that is no number shows the first page."""
    older, newer = key(query, "older"), key(query, "newer")
    if newer:
        found = list(rows.filter(pk__gt=newer).order_by("pk")[: size + 1])
        items, more_newer, more_older = found[:size][::-1], len(found) > size, True
    else:
        found = list((rows.filter(pk__lt=older) if older else rows).order_by("-pk")[: size + 1])
        items, more_newer, more_older = found[:size], bool(older), len(found) > size
    return RowPage(
        items,
        newer=link(query, "newer", items[0].pk) if items and more_newer else "",
        older=link(query, "older", items[-1].pk) if items and more_older else "",
    )


def by_place(rows: Sequence[Item] | QuerySet[Row, Item], query: QueryDict, size: int = SIZE) -> RowPage[Item]:
    """One page of a short list whose order is no id: by its place, which is `from` in the query."""
    start = min(key(query, "from"), 10**6)
    found = list(rows[start : start + size + 1])
    rest = query.copy()

    def link_to(place: int) -> str:
        rest["from"] = str(place)
        return "?" + rest.urlencode()

    newer = link_to(max(0, start - size)) if start else ""
    return RowPage(found[:size], newer=newer, older=link_to(start + size) if len(found) > size else "")


def key(query: QueryDict, name: str) -> int:
    value = query.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 19 else 0


def link(query: QueryDict, name: str, pk: int) -> str:
    rest = query.copy()
    for old in ("newer", "older"):
        rest.pop(old, None)
    rest[name] = str(pk)
    return "?" + rest.urlencode()
