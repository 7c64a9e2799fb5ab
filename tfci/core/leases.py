"""Leases: the right to work on a row until a moment that its columns hold. A worker that dies costs one lease."""

from datetime import datetime
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)


def lease(rows: QuerySet[Row], free: Q, pk: int, **until: datetime | str | None) -> Row | None:
    """Take the row if it is `free`, by writing `until` when it will be again. One statement decides between concurrent
    callers; None for those that come too late."""
    return rows.get(pk=pk) if rows.filter(free, pk=pk).update(**until) else None
