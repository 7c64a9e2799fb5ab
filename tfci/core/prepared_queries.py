"""Queries whose SQL is written once. Django writes it anew each time, which takes longer than PostgreSQL's answer;
that counts only where thousands come at once, as when forges tell of jobs."""

from functools import cached_property
from typing import Generic, TypeVar

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, Model, QuerySet
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row", bound=Model)


class Given(Expression):
    """Stands in a filter for a value that is given later, by name and as the database knows it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(  # type: ignore[override]  # it stands among the parameters until its value comes
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple["Given"]]:
        return "%s", (self,)


class Prepared(Generic[Row]):
    """A queryset with Given values in its filters; called with them it returns a list of its rows.

    >>> Prepared(Connection.objects.filter(address=Given("address")))(address="…")  # doctest: +SKIP
    [<Connection: acme>]
    """

    def __init__(self, rows: QuerySet[Row]) -> None:
        self._rows = rows

    @cached_property
    def _written(self) -> tuple[str, tuple[object, ...]]:
        return self._rows.query.sql_with_params()

    def __call__(self, **given: int | str) -> list[Row]:
        sql, places = self._written
        values = [given[place.name] if isinstance(place, Given) else place for place in places]
        return list(self._rows.raw(sql, values))
