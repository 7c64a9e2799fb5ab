"""Sums of a team's charges by day, connection, repository, workflow, pool, size, node, person or job.

They are the ledger's to the last digit at any moment: what is rolled up comes from buckets, all other charges come from
their entries, and one statement reads both.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Any

from django.db import connection

from billing import spend_cursors
from billing.uses import Use
from runners.metering.charge_facts import CHARGES, each_use
from tfci.accounts.models import Team
from tfci.core.tft import Tft


class GroupBy(StrEnum):
    DAY = "day"
    CONNECTION = "connection"
    REPOSITORY = "repository"
    WORKFLOW = "workflow"
    POOL = "pool"
    SIZE = "size"
    NODE = "node"
    PERSON = "person"
    JOB = "job"


Key = date | int | str

NEWEST_FIRST = (GroupBy.DAY, GroupBy.JOB)
IDS = (GroupBy.CONNECTION, GroupBy.POOL, GroupBy.NODE, GroupBy.JOB)
TEXTS = (GroupBy.REPOSITORY, GroupBy.WORKFLOW, GroupBy.SIZE, GroupBy.PERSON)
IN_DIMENSIONS = (*TEXTS, GroupBy.CONNECTION, GroupBy.POOL)
COLUMNS = {
    GroupBy.DAY: "(at AT TIME ZONE %(zone)s)::date",
    **{by: by.value for by in IDS},
    **{by: f"nullif({by}, '')" for by in TEXTS},
}
QUARTER = timedelta(minutes=15)
BEGIN, END = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)

DIMENSIONS = """
    SELECT id, pool_id AS pool, connection_id AS connection, repository, workflow, size, person
    FROM billing_spenddimensions WHERE team_id = %(team)s
"""
ENTRIES = f"""
    SELECT at, pool, connection, repository, workflow, size, person, node, job, vm,
        {each_use("CASE use WHEN '{use}' THEN amount ELSE 0 END AS for_{use}")}
    FROM ({CHARGES}) AS charge WHERE true
"""  # noqa: S608  our own
CURSOR = "coalesce((SELECT entry_id FROM billing_spendcursor WHERE team_id = %(team)s), 0)"


@dataclass(frozen=True, slots=True)
class ChargeFilter:
    """Which charges: those with all these keys ("" is what belongs to none), of that VM, for that use."""

    keys: Mapping[GroupBy, int | str] = field(default_factory=dict)
    vm_id: int | None = None
    use: Use | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """From `since` to before `until`."""

    since: datetime = BEGIN
    until: datetime = END


@dataclass(frozen=True, slots=True)
class SpendSum:
    """`key` is "" for what belongs to no pool, repository or job; `uses` has each of them."""

    key: str
    uses: Mapping[Use, Tft]

    @property
    def amount(self) -> Tft:
        return Tft(sum(self.uses.values()))


@dataclass(frozen=True, slots=True)
class SpendPage:
    """`after`: what the next page follows; None on the last."""

    sums: list[SpendSum]
    after: str | None


def page(
    team: Team, by: GroupBy, period: Period, within: ChargeFilter, after: Key | None, size: int
) -> SpendPage:
    """In the order of their keys, days and jobs from the newest; what belongs to none comes last. Days are UTC's."""
    statement = Statement(team, within, UTC)
    newest_first = by in NEWEST_FIRST
    following = "true"
    if after is not None:
        following = f"(key {'<' if newest_first else '>'} {statement.bind(after)} OR key IS NULL)"
    rows = statement.rows(
        f"SELECT key, {statement.sums} FROM ({statement.keyed(by, period)}) AS charge WHERE {following}"  # noqa: S608
        f" GROUP BY key ORDER BY key {'DESC' if newest_first else 'ASC'} NULLS LAST LIMIT {size + 1}"
    )
    sums = [_sum(*row) for row in rows[:size]]
    return SpendPage(sums, sums[-1].key if len(rows) > size else None)


def compare(
    team: Team, groups: Sequence[GroupBy], periods: Sequence[Period], within: ChargeFilter, zone: tzinfo
) -> list[dict[GroupBy, list[SpendSum]]]:
    """The sums of each period by each group, in no order, by one statement. Days are those of the zone."""
    statement = Statement(team, within, zone)
    each = (
        f"SELECT {n}, {m}, key::text, {statement.sums} FROM ({statement.keyed(by, period)}) AS charge GROUP BY key"  # noqa: S608
        for n, period in enumerate(periods)
        for m, by in enumerate(groups)
    )
    found: list[dict[GroupBy, list[SpendSum]]] = [{by: [] for by in groups} for _ in periods]
    for n, m, *row in statement.rows(" UNION ALL ".join(each)):
        found[n][groups[m]].append(_sum(*row))
    return found


def parse(by: GroupBy, key: str) -> Key:
    """What page() may follow. Raises ValueError for a text that is no key of such a list."""
    if by == GroupBy.DAY:
        return date.fromisoformat(key)
    if by in TEXTS:
        return key
    if 0 <= int(key) < 2**63:
        return int(key)
    raise ValueError(f"no id: {key}")


class Statement:
    """One over a team's charges, in the making."""

    def __init__(self, team: Team, within: ChargeFilter, zone: tzinfo) -> None:
        self.params: dict[str, Key | datetime] = {"team": team.pk, "zone": str(zone)}
        self.within = within
        conditions = {by: self._condition(by, key) for by, key in within.keys.items()}
        self.of_dimensions = [sql for by, sql in conditions.items() if by in IN_DIMENSIONS]
        self.of_others = [sql for by, sql in conditions.items() if by not in IN_DIMENSIONS]
        if within.vm_id is not None:
            self.of_others.append(f"vm = {self.bind(within.vm_id)}")
        if within.use:
            self.of_others.append(f"for_{within.use} <> 0")
        uses = [within.use] if within.use else list(Use)
        self.sums = ", ".join(f"sum(for_{use})" if use in uses else "0" for use in Use)
        # So that PostgreSQL sees how few entries are not rolled up. Some of these may be by the time of the statement.
        self.rolled_up = spend_cursors.rolled_up_to(team)

    def bind(self, value: Key | datetime) -> str:
        """Its place in the text."""
        name = f"value{len(self.params)}"
        self.params[name] = value
        return f"%({name})s"

    def keyed(self, by: GroupBy, period: Period) -> str:
        """What the filter lets through of a period, each charge once, as rows of a key and an amount for each use."""
        by_entry = self.within.vm_id is not None or GroupBy.JOB in (by, *self.within.keys)
        parts = [self._entries(by, period)] if by_entry else self._rolled_up(by, period)
        return " UNION ALL ".join(parts)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(sql, self.params)
            return cursor.fetchall()

    def _rolled_up(self, by: GroupBy, period: Period) -> Iterator[str]:
        """Whole quarters of an hour from buckets, and what these lack from entries."""
        yield self._entries(by, period, f"id > {self.bind(self.rolled_up)} AND id > {CURSOR}")
        first, last = _quarter(period.since), _quarter(period.until)
        if first < period.since:
            first += QUARTER
        edges = [Period(period.since, first), Period(last, period.until)]
        if first < last:
            yield self._buckets(by, Period(first, last))
        else:
            edges = [period]
        for edge in edges:
            if edge.since < edge.until:
                yield self._entries(by, edge, f"id <= {CURSOR}")

    def _buckets(self, by: GroupBy, period: Period) -> str:
        """Added up by what the index has, before anything is known of their dimensions: these are few."""
        column = {GroupBy.DAY: "at", GroupBy.NODE: "node"}.get(by, "dimensions_id")
        others = self.of_others
        if self.of_dimensions:
            wanted = f"SELECT id FROM ({DIMENSIONS}) AS dimensions WHERE {' AND '.join(self.of_dimensions)}"  # noqa: S608
            others = [*others, f"dimensions_id IN ({wanted})"]
        columns = f"at, node, dimensions_id, {each_use('{use} AS for_{use}')}"
        of_team = f"SELECT {columns} FROM billing_spendbucket WHERE team_id = %(team)s"  # noqa: S608
        buckets = f"SELECT * FROM ({self._between(of_team, period)}) AS bucket WHERE {_all(others)}"  # noqa: S608
        sums = each_use("sum(for_{use})::bigint AS for_{use}")
        added = f"SELECT {column}, {sums} FROM ({buckets}) AS bucket GROUP BY {column}"  # noqa: S608
        join = f" JOIN ({DIMENSIONS}) AS dimensions ON dimensions.id = dimensions_id"
        return _keyed(by, f"({added}) AS added{join if column == 'dimensions_id' else ''}")

    def _entries(self, by: GroupBy, period: Period, which: str = "true") -> str:
        entries = self._between(f"{ENTRIES} AND {which}", period)
        conditions = _all([*self.of_dimensions, *self.of_others])
        return _keyed(by, f"({entries}) AS entry WHERE {conditions}")

    def _between(self, sql: str, period: Period) -> str:
        return f"{sql} AND at >= {self.bind(period.since)} AND at < {self.bind(period.until)}"

    def _condition(self, by: GroupBy, key: int | str) -> str:
        if by in IDS:
            return f"{by} IS NULL" if key == "" else f"{by} = {self.bind(key)}"
        if by == GroupBy.REPOSITORY:  # forges don't tell capitals apart
            return f"upper({by}) = upper({self.bind(key)})"
        return f"{by} = {self.bind(key)}"


def _keyed(by: GroupBy, source: str) -> str:
    return f"SELECT {COLUMNS[by]} AS key, {each_use('for_{use}')} FROM {source}"  # noqa: S608


def _all(conditions: Sequence[str]) -> str:
    return " AND ".join(conditions) or "true"


def _quarter(at: datetime) -> datetime:
    """When the quarter of an hour of that moment begins. Days of all zones begin with one."""
    at = at.astimezone(UTC)
    return at - timedelta(minutes=at.minute % 15, seconds=at.second, microseconds=at.microsecond)


def _sum(key: object, *amounts: int) -> SpendSum:
    return SpendSum(
        "" if key is None else str(key), {use: Tft(each) for use, each in zip(Use, amounts, strict=True)}
    )
