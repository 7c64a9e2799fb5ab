"""What each half hour took: of all, by pool and by repository. At most two queries."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Sum

from billing import ledger
from billing.models import RepositorySpent, Spent
from billing.spending.forecast import Charges
from billing.spending.limit import Limit
from billing.spending_kinds import LimitScope
from tfci.core.tft import Tft


@dataclass(frozen=True, slots=True)
class ChargeHistory:
    """By pool, with None for what belongs to no pool; by repository in small letters."""

    pools: dict[int | None, Charges] = field(default_factory=dict)
    repositories: dict[str, Charges] = field(default_factory=dict)

    @property
    def all(self) -> Charges:
        """Of the whole team."""
        sums: dict[datetime, Tft] = defaultdict(Tft)
        for charges in self.pools.values():
            for at, amount in charges:
                sums[at] += amount
        return list(sums.items())

    def of(self, limit: Limit) -> Charges:
        match limit.scope:
            case LimitScope.POOL:
                return self.pools.get(limit.pool_id, [])
            case LimitScope.REPOSITORY:
                return self.repositories.get(limit.repository.lower(), [])
            case _:
                return self.all


def of_team(team_id: int, since: datetime) -> Charges:
    """Of all alone. One query."""
    spent = Spent.objects.filter(team=team_id, at__gte=ledger.half_hour(since)).values_list("at")
    return [(at, Tft(amount)) for at, amount in spent.annotate(sum=Sum("amount")).order_by()]


def read(team_id: int, since: datetime, repositories: Collection[str] = ()) -> ChargeHistory:
    """`repositories`: the names of those that are asked for."""
    spent = Spent.objects.filter(team=team_id, at__gte=ledger.half_hour(since))
    rows = spent.values_list("pool_id", "at").annotate(sum=Sum("amount")).order_by()
    pools: dict[int | None, list[tuple[datetime, Tft]]] = defaultdict(list)
    for pool_id, at, amount in rows:
        pools[pool_id].append((at, Tft(amount)))
    if not repositories:
        return ChargeHistory(dict(pools))
    names = {name.lower() for name in repositories}
    named = RepositorySpent.objects.filter(
        team=team_id, repository__in=names, at__gte=ledger.half_hour(since)
    )
    found: dict[str, list[tuple[datetime, Tft]]] = defaultdict(list)
    for name, at, amount in named.values_list("repository", "at", "amount"):
        found[name].append((at, Tft(amount)))
    return ChargeHistory(dict(pools), dict(found))
