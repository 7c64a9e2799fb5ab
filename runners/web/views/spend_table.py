"""Sums of two periods -> the rows and columns of the spend page. Pure but for translations."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from billing.uses import Use
from runners.metering.date_spans import DateSpan
from runners.metering.spend_sums import SpendSum
from tfci.core.tft import Tft

SHOWN_ALWAYS = (Use.JOB, Use.BOOT, Use.IDLE, Use.TEARDOWN, Use.SERVER)
OVERHEAD = (Use.BOOT, Use.IDLE, Use.TEARDOWN, Use.REFRESH, Use.DEBUG)
LABELS = 6  # days that a chart names, about
NOTHING = SpendSum("", dict.fromkeys(Use, Tft()))


@dataclass(frozen=True, slots=True)
class SpendRow:
    """What one key took, and what it took in the period before."""

    key: str
    spent: SpendSum
    before: Tft

    @property
    def difference(self) -> Tft:
        return self.spent.amount - self.before

    def amounts(self, uses: Iterable[Use]) -> list[Tft]:
        return [self.spent.uses[use] for use in uses]


@dataclass(frozen=True, slots=True)
class ChartColumn:
    span: DateSpan
    total: Tft
    parts: list[tuple[str, Tft]]  # from below: how each looks, and how much it is
    is_named: bool


def rows(spent: Sequence[SpendSum], before: Sequence[SpendSum]) -> list[SpendRow]:
    """A row for each key of either period, the largest first."""
    now, then = {each.key: each for each in spent}, {each.key: each.amount for each in before}
    found = [
        SpendRow(key, now.get(key, NOTHING), then.get(key, Tft())) for key in dict.fromkeys([*now, *then])
    ]
    return sorted(found, key=lambda row: (-row.spent.amount, -row.before, row.key))


def day_rows(
    spent: Sequence[SpendSum], before: Sequence[SpendSum], span: DateSpan, compared: DateSpan
) -> list[SpendRow]:
    """A row for each day with charges, the newest first: the nth of one period beside the nth of the other. Further
    days of the period before are one row without a key."""
    now, then = {each.key: each for each in spent}, {each.key: each.amount for each in before}
    pairs = zip_longest(map(str, span.days), map(str, compared.days[: span.length]))
    found = [SpendRow(day, now.get(day, NOTHING), then.get(other, Tft())) for day, other in pairs]
    further = Tft(sum(then.get(str(day), 0) for day in compared.days[span.length :]))
    found.insert(0, SpendRow("", NOTHING, further))
    return [row for row in reversed(found) if row.spent is not NOTHING or row.before]


def total(rows: Sequence[SpendRow]) -> SpendRow:
    """All of them in one."""
    sums = {use: Tft(sum(row.spent.uses[use] for row in rows)) for use in Use}
    return SpendRow("", SpendSum("", sums), Tft(sum(row.before for row in rows)))


def chart(spent: Sequence[SpendSum], span: DateSpan) -> list[ChartColumn]:
    """All days, or weeks where these are too many."""
    now = {each.key: each for each in spent}
    columns = span.columns()
    every = -(-len(columns) // LABELS)
    return [
        _column(
            column, [now.get(str(day), NOTHING) for day in column.days], (len(columns) - 1 - n) % every == 0
        )
        for n, column in enumerate(columns)
    ]


def _column(span: DateSpan, days: Sequence[SpendSum], is_named: bool) -> ChartColumn:
    jobs, servers, overhead = (
        Tft(sum(day.uses[use] for day in days for use in some))
        for some in ((Use.JOB,), (Use.SERVER,), OVERHEAD)
    )
    parts = [("is-jobs", jobs), ("is-beside", overhead), ("is-servers", servers)]
    return ChartColumn(span, jobs + servers + overhead, parts, is_named)


def uses(spent: Iterable[SpendSum]) -> list[Use]:
    """Those that have a column: the usual ones, and others where there are any."""
    used = {use for each in spent for use, amount in each.uses.items() if amount}
    return [use for use in Use if use in SHOWN_ALWAYS or use in used]
