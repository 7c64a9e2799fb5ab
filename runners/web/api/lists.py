"""Lists: newest first, a page at a time by key, so that pages stay right while rows are added."""

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from ninja import Schema
from pydantic import Field

from runners.web.api import problems
from runners.web.api.schemas import Id
from tfci.accounts.requests import TokenRequest
from tfci.core import paging

T = TypeVar("T")
Row = TypeVar("Row", bound=Model)


class Page(Schema, Generic[T]):
    items: list[T]
    next: str | None = Field(description="Cursor of the next page; null on the last page.")


class ListQuery(Schema):
    """What every list may be asked."""

    older: Id | None = Field(None, description="Cursor from `next` of the previous page.")
    limit: int = Field(50, ge=1, le=200, description="Entries per page.")


def page(
    request: TokenRequest,
    rows: QuerySet[Row],
    query: ListQuery,
    shown: Callable[[list[Row]], list[Any]] = list,
) -> dict[str, Any]:
    """One page; `shown` makes its items of its rows. Raises Stop for a parameter that the list has not."""
    check(request, query)
    found = paging.page(rows, request.GET, query.limit)
    following = request.build_absolute_uri(found.older) if found.older else None
    return {"items": shown(found.items), "next": following}


def check(request: TokenRequest, query: Schema) -> None:
    """Raises Stop for a parameter that the list has not."""
    if unknown := request.GET.keys() - type(query).model_fields.keys():
        message = [f"The parameters of this list are {', '.join(type(query).model_fields)}."]
        raise problems.invalid(dict.fromkeys(sorted(unknown), message))


def lookups(query: Schema, columns: Mapping[str, str]) -> dict[str, Any]:
    """The filters that were given, for filter(); `columns`: parameter -> lookup."""
    return {columns[name]: value for name, value in query if name in columns and value is not None}


def one(rows: QuerySet[Row], noun: str, **key: int) -> Row:
    """The row with that key. Raises Stop: what is another team's is not there."""
    found = rows.filter(**key).first()
    if found is None:
        raise problems.Stop(404, f"There is no {noun} {next(iter(key.values()))} here.")
    return found
