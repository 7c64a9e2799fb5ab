"""What is used of a team's spending limits: what the ledger has, and what its VMs have run up since."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from billing.spending import changes, limit as spending_limit, periods, sums
from billing.spending.limit import Limit, LimitRoom, RunningVM, Usage
from billing.spending_kinds import LimitPeriod
from runners.metering import running_vms
from runners.models import Pool
from tfci.accounts.models import Team


@dataclass(frozen=True, slots=True)
class LimitsUsed:
    """`limits`: all of a team; `usages`: of those by the day and month; `vms`: what it pays for now. Without limits
    nothing is read, and `team` is None."""

    team: Team | None = None
    limits: list[Limit] = field(default_factory=list)
    usages: list[Usage] = field(default_factory=list)
    vms: list[RunningVM] = field(default_factory=list)

    @property
    def room(self) -> LimitRoom:
        return LimitRoom(self.usages)


def read(team_id: int, now: datetime) -> LimitsUsed:
    """One query for a team without limits, up to five for others."""
    rows, team = changes.of_team(team_id)
    if team is None:
        return LimitsUsed()
    names = pool_names(rows)
    limits = [changes.as_limit(row, names) for row in rows]
    vms = running_vms.read(team_id, now)
    return LimitsUsed(team, limits, _usages(team, limits, vms, now), vms)


def pool_names(rows: Iterable[changes.LimitRow]) -> dict[int, str]:
    """Of the pools that they are for. No query where there are none."""
    pool_ids = [row.pool_id for row in rows if row.pool_id]
    return dict(Pool.objects.filter(pk__in=pool_ids).values_list("pk", "name")) if pool_ids else {}


def _usages(team: Team, limits: list[Limit], vms: list[RunningVM], now: datetime) -> list[Usage]:
    lasting = [limit for limit in limits if limit.period != LimitPeriod.JOB]
    if not lasting:
        return []
    repositories = {limit.repository for limit in lasting if limit.repository}
    spans = {
        period: periods.current(period, now, team.zone) for period in (LimitPeriod.DAY, LimitPeriod.MONTH)
    }
    charged = sums.charged(team.pk, spans[LimitPeriod.DAY], spans[LimitPeriod.MONTH], repositories)
    return [
        spending_limit.usage(limit, charged.of(limit), spans[limit.period].until, vms) for limit in lasting
    ]
