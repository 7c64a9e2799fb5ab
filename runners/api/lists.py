"""Lists: newest first, a page at a time by key, so that pages stay right while rows are added."""

from collections.abc import Iterable
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest
from ninja import Schema
from pydantic import Field

from runners.api import problems
from runners.api.shapes import Id
from tfci import paging

T = TypeVar("T")


class Page(Schema, Generic[T]):
    items: list[T]
    next: str | None = Field(description="Where the list goes on; null at its end.")


class Asked(Schema):
    """What every list may be asked."""

    older: Id | None = Field(None, description="Set by `next`: what the page before ended with.")
    limit: int = Field(50, ge=1, le=200, description="Entries on a page.")


def page(request: HttpRequest, rows: QuerySet, asked: Asked) -> tuple[list, str | None]:
    """The rows of one page, and the address of the next. Raises Stop for a parameter that the list has not."""
    if unknown := request.GET.keys() - type(asked).model_fields.keys():
        known = ", ".join(type(asked).model_fields)
        raise problems.wrong(
            {name: [f"The parameters of this list are {known}."] for name in sorted(unknown)}
        )
    found = paging.page(rows, request.GET, asked.limit)
    return found.items, request.build_absolute_uri(found.older) if found.older else None


def of(items: Iterable, following: str | None) -> dict[str, Any]:
    return {"items": list(items), "next": following}


def one(rows: QuerySet, noun: str, **key: int) -> Any:
    """The row with that key. Raises Stop: what is another team's is not there."""
    found = rows.filter(**key).first()
    if found is None:
        raise problems.Stop(404, f"There is no {noun} {next(iter(key.values()))} here.")
    return found
