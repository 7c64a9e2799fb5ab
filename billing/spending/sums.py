"""What was charged in a team's day and month: of all, by pool and by repository. At most two queries."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, Sum
from django.db.models.functions import Lower

from billing import ledger
from billing.models import LedgerEntry, Spent
from billing.spending.limit import Limit
from billing.spending.periods import PeriodSpan
from billing.spending_kinds import LimitPeriod, LimitScope
from tfci.core.tft import Tft

Sums = dict[LimitPeriod, Tft]  # by day and month


@dataclass(frozen=True, slots=True)
class Charged:
    """By pool, with None for what belongs to no pool; by repository in small letters."""

    pools: dict[int | None, Sums] = field(default_factory=dict)
    repositories: dict[str, Sums] = field(default_factory=dict)

    def of(self, limit: Limit) -> Tft:
        match limit.scope:
            case LimitScope.POOL:
                return _sum(self.pools, limit.pool_id, limit.period)
            case LimitScope.REPOSITORY:
                return _sum(self.repositories, limit.repository.lower(), limit.period)
            case _:
                return Tft(sum(sums[limit.period] for sums in self.pools.values()))


def _sum(sums: dict[Any, Sums], key: object, period: LimitPeriod) -> Tft:
    return sums[key][period] if key in sums else Tft()


def charged(team_id: int, day: PeriodSpan, month: PeriodSpan, repositories: Collection[str] = ()) -> Charged:
    """`repositories`: the names of those that are asked for. Of all and of pools by the half hour: where a zone's days
    begin at a quarter, a day has up to 15 minutes of the one before."""
    spent = Spent.objects.filter(team=team_id, at__gte=ledger.half_hour(month.since))
    today = Q(at__gte=ledger.half_hour(day.since))
    by_pool = spent.values_list("pool_id").annotate(
        day=Sum("amount", filter=today, default=0), month=Sum("amount", default=0)
    )
    pools = {pool_id: _sums(*amounts) for pool_id, *amounts in by_pool.order_by()}
    if not repositories:
        return Charged(pools)
    entries = LedgerEntry.objects.filter(team=team_id, kind=LedgerEntry.Kind.CHARGE, at__gte=month.since)
    entries = entries.exclude(repository="").annotate(name=Lower("repository"))  # as the index has it
    named = entries.filter(name__in={name.lower() for name in repositories})
    by_name = named.values_list("name").annotate(
        day=Sum(ledger.TAKEN, filter=Q(at__gte=day.since), default=0), month=Sum(ledger.TAKEN, default=0)
    )
    return Charged(pools, {name: _sums(*amounts) for name, *amounts in by_name.order_by()})


def _sums(day: int, month: int) -> Sums:
    return {LimitPeriod.DAY: Tft(day), LimitPeriod.MONTH: Tft(month)}
