"""Queries whose SQL is written once. Django writes it anew each time, which takes longer than PostgreSQL's answer;
that matters only where thousands come at once, as when forges report jobs."""

from functools import cached_property
from typing import Generic, TypeVar

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, Model, QuerySet
from django.db.models.sql.compiler import SQLCompiler

Row = TypeVar("Row", bound=Model)


class Parameter(Expression):
    """A placeholder in a filter for a value that is passed later, by name and as the database stores it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(  # type: ignore[override]  # it stands among the parameters until its value comes
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple["Parameter"]]:
        return "%s", (self,)


class Prepared(Generic[Row]):
    """A queryset with Parameters in its filters; called with their values it returns a list of its rows.

    >>> Prepared(Connection.objects.filter(address=Parameter("address")))(address="…")  # doctest: +SKIP
    [<Connection: acme>]
    """

    def __init__(self, rows: QuerySet[Row]) -> None:
        self._rows = rows

    @cached_property
    def _sql(self) -> tuple[str, tuple[object, ...]]:
        return self._rows.query.sql_with_params()

    def __call__(self, **values: int | str) -> list[Row]:
        sql, places = self._sql
        params = [values[place.name] if isinstance(place, Parameter) else place for place in places]
        return list(self._rows.raw(sql, params))
