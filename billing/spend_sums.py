"""Sums of a team's charges by day, pool, repository or job, a page at a time: the ledger's own rows, added up."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

from django.db.models import F, Q, QuerySet, Sum, Value
from django.db.models.functions import NullIf, TruncDate

from billing import ledger
from billing.models import LedgerEntry
from billing.uses import Use
from tfci.accounts.models import Team
from tfci.core.tft import Tft


class GroupBy(StrEnum):
    """Days are those of UTC."""

    DAY = "day"
    POOL = "pool"
    REPOSITORY = "repository"
    JOB = "job"


NEWEST_FIRST = (GroupBy.DAY, GroupBy.JOB)
KEYS = {
    GroupBy.DAY: TruncDate("at", tzinfo=UTC),
    GroupBy.POOL: F("pool_id"),
    GroupBy.REPOSITORY: NullIf("repository", Value("")),
    GroupBy.JOB: F("job_id"),
}


@dataclass(frozen=True, slots=True)
class ChargeFilter:
    """Which charges: from `since` to before `until`, and the lookups of filter()."""

    since: datetime | None = None
    until: datetime | None = None
    lookups: Mapping[str, Any] = field(default_factory=dict)

    def of(self, charges: QuerySet[LedgerEntry]) -> QuerySet[LedgerEntry]:
        times = {"at__gte": self.since, "at__lt": self.until}
        return charges.filter(**{name: at for name, at in times.items() if at}, **self.lookups)


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


Key = date | int | str


def page(team: Team, by: GroupBy, within: ChargeFilter, after: Key | None, size: int) -> SpendPage:
    """In the order of their keys, days and jobs from the newest; what belongs to none comes last."""
    rows = within.of(ledger.charges(team)).annotate(group=KEYS[by]).order_by()
    if after is not None:
        rows = rows.filter(_following(by, after))
    order = F("group").desc(nulls_last=True) if by in NEWEST_FIRST else F("group").asc(nulls_last=True)
    sums = rows.values("group").annotate(
        **{use: Sum(ledger.TAKEN, filter=Q(use=use), default=0) for use in Use}
    )
    found = list(sums.order_by(order)[: size + 1])
    sums_of_page = [_sum(row) for row in found[:size]]
    return SpendPage(sums_of_page, sums_of_page[-1].key if len(found) > size else None)


def _following(by: GroupBy, after: Key) -> Q:
    return Q(group__lt=after) | Q(group=None) if by in NEWEST_FIRST else Q(group__gt=after) | Q(group=None)


def parse(by: GroupBy, key: str) -> Key:
    """What page() may follow. Raises ValueError for a text that is no key of such a list."""
    match by:
        case GroupBy.DAY:
            return date.fromisoformat(key)
        case GroupBy.REPOSITORY:
            return key
        case _ if 0 <= int(key) < 2**63:
            return int(key)
    raise ValueError(f"no id: {key}")


def _sum(row: Mapping[str, Any]) -> SpendSum:
    key = "" if row["group"] is None else str(row["group"])
    return SpendSum(key, {use: Tft(row[use]) for use in Use})
