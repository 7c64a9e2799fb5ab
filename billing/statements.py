"""A team's month: what its balance was, each kind of movement, and what it came to. Ledger entries and nothing else.

An entry has the time at which it was written and never changes, so a month that is over never changes either: what
corrects it is of a later month. Page, PDF, CSV and API show these rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import accumulate, pairwise
from typing import Any, TypeAlias

from django.db import connection

from billing import ledger_accounts
from billing.models import LedgerEntry
from billing.uses import Use
from tfci.accounts import months
from tfci.accounts.models import Team
from tfci.accounts.months import CalendarMonth
from tfci.core.tft import Tft

Kind: TypeAlias = LedgerEntry.Kind  # the name for other apps

WRITTEN = timedelta(hours=1)  # an entry is there by then: it has the time at which its transaction began


class StatementSection(StrEnum):
    """In the order of a statement. CORRECTIONS: VM time that was charged in an earlier month and given back."""

    IN = "in"
    VM_TIME = "vm_time"
    CORRECTIONS = "corrections"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class StatementLine:
    """`amount`: what it did to the balance. VM time has a use, and a pool unless it is a server's."""

    kind: Kind
    use: Use | None
    pool_id: int | None
    pool: str
    amount: Tft

    @property
    def section(self) -> StatementSection:
        if self.kind == Kind.CHARGE:
            return StatementSection.VM_TIME if self.amount < 0 else StatementSection.CORRECTIONS
        return StatementSection.OUT if self.amount < 0 else StatementSection.IN


@dataclass(frozen=True, slots=True)
class StatementPeriod:
    """`zone`: in which it ends; its begin is in the one of then. `over`: whether nothing more can come."""

    month: CalendarMonth
    begins_at: datetime
    ends_at: datetime
    zone: str
    over: bool


@dataclass(frozen=True, slots=True)
class MonthlyStatement:
    """`lines` are in the order of their sections, and of those none moves nothing."""

    period: StatementPeriod
    opening: Tft
    lines: Sequence[StatementLine]

    @property
    def change(self) -> Tft:
        return Tft(sum(line.amount for line in self.lines))

    @property
    def closing(self) -> Tft:
        return self.opening + self.change

    def of(self, section: StatementSection) -> list[StatementLine]:
        return [line for line in self.lines if line.section == section]


@dataclass(frozen=True, slots=True)
class MonthBalances:
    """Of one month of the list."""

    period: StatementPeriod
    opening: Tft
    closing: Tft

    @property
    def change(self) -> Tft:
        return self.closing - self.opening


MOVED = """
    SELECT at, kind, use, pool_id, pool, vm_id,
        moved * ((to_account = ANY(%(own)s))::int - (from_account = ANY(%(own)s))::int) AS amount
    FROM billing_ledgerentry WHERE team_id = %(team)s AND at < %(ends_at)s
"""
# A VM's share of boot and idle time is taken back and booked on its jobs at its end: within a month only what is left
# of that counts, for each VM and use. So with a withdrawal: what the chain did not take as its fee comes back.
LINES = f"""
    SELECT kind, use, pool_id, pool, sum(amount) FROM (
        SELECT kind, use, pool_id, pool, sum(amount) AS amount FROM ({MOVED}) AS moved
        WHERE at >= %(begins_at)s GROUP BY kind, use, pool_id, pool, vm_id,
            CASE WHEN use = '' AND kind <> 'withdrawal' THEN sign(amount) END
    ) AS net GROUP BY kind, use, pool_id, pool, sign(amount) HAVING sum(amount) <> 0
"""  # noqa: S608 – no value is in it
BALANCES = f"""
    SELECT width_bucket(at, %(begins)s) AS month, sum(amount) FROM ({MOVED}) AS moved GROUP BY 1
"""  # noqa: S608


def periods(team: Team, now: datetime) -> list[StatementPeriod]:
    """The team's months up to the one that runs, newest first."""
    month, first = (months.month_of(at, team.month_zones) for at in (now, team.created_at))
    found = [_period(team, month, now)]
    while month > first:
        month = month.before
        found.append(_period(team, month, now))
    return found


def period(team: Team, month: CalendarMonth, now: datetime) -> StatementPeriod | None:
    """None for one before the team was there, and for one that has not begun."""
    first, last = (months.month_of(at, team.month_zones) for at in (team.created_at, now))
    return _period(team, month, now) if first <= month <= last else None


def _period(team: Team, month: CalendarMonth, now: datetime) -> StatementPeriod:
    begins_at, ends_at = (each.begins_at(team.month_zones) for each in (month, month.following))
    zone = months.zone(month.following, team.month_zones)
    return StatementPeriod(month, begins_at, ends_at, zone, now >= ends_at + WRITTEN)


def read(team: Team, of: StatementPeriod) -> MonthlyStatement:
    """Two sums of one transaction's ledger entries; of a month that is over always the same."""
    opening = sum(amount for _, amount in _query(BALANCES, team, of.begins_at, begins=[of.begins_at]))
    rows = _query(LINES, team, of.ends_at, begins_at=of.begins_at)
    lines = [
        StatementLine(Kind(kind), Use(use) if use else None, pool_id, pool, Tft(amount))
        for kind, use, pool_id, pool, amount in rows
    ]
    return MonthlyStatement(of, Tft(opening), sorted(lines, key=_order))


def _order(line: StatementLine) -> tuple[int, int, bool, str, int, int]:
    """Servers, which have no pool, come behind the pools."""
    uses, kinds, sections = list(Use), list(Kind), list(StatementSection)
    place = sections.index(line.section), kinds.index(line.kind)
    use = uses.index(line.use) if line.use else 0
    return (*place, line.pool_id is None, line.pool, line.pool_id or 0, use)


def balances(team: Team, of: Sequence[StatementPeriod]) -> list[MonthBalances]:
    """Of periods(): one sum over all entries of the team."""
    begins = [each.begins_at for each in reversed(of)]
    moved = dict(_query(BALANCES, team, of[0].ends_at, begins=begins))
    held = [Tft(each) for each in accumulate(int(moved.get(n, 0)) for n in range(len(begins) + 1))]
    return [MonthBalances(each, *two) for each, two in zip(of, [*pairwise(held)][::-1], strict=True)]


def _query(
    sql: str, team: Team, ends_at: datetime, **values: datetime | list[datetime]
) -> list[tuple[Any, ...]]:
    own = list(ledger_accounts.own(team.pk))
    with connection.cursor() as cursor:
        cursor.execute(sql, {"team": team.pk, "own": own, "ends_at": ends_at, **values})
        return list(cursor)
