"""What was charged in a team's day and month: of all, by pool and by repository. At most two queries."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, Sum

from billing import ledger
from billing.models import RepositorySpent, Spent
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
    """`repositories`: the names of those that are asked for. By the half hour: where a zone's days begin at a quarter,
    a day has up to 15 minutes of the one before."""
    since, today = ledger.half_hour(month.since), Q(at__gte=ledger.half_hour(day.since))
    sums = {"day": Sum("amount", filter=today, default=0), "month": Sum("amount", default=0)}
    by_pool = Spent.objects.filter(team=team_id, at__gte=since).values_list("pool_id")
    pools = {pool_id: _sums(*amounts) for pool_id, *amounts in by_pool.annotate(**sums).order_by()}
    if not repositories:
        return Charged(pools)
    names = {name.lower() for name in repositories}
    named = RepositorySpent.objects.filter(team=team_id, repository__in=names, at__gte=since)
    by_name = named.values_list("repository").annotate(**sums).order_by()
    return Charged(pools, {name: _sums(*amounts) for name, *amounts in by_name})


def _sums(day: int, month: int) -> Sums:
    return {LimitPeriod.DAY: Tft(day), LimitPeriod.MONTH: Tft(month)}
