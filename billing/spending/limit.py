"""A team's own spending limits: may one more VM start, or which limit keeps it from that. Pure.

A limit counts all that was spent in its period, from before it was made too, and what VMs have run up and not been
charged yet. Not to be confused with the operator's limits of a team (billing/limits.py).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from billing import pricing
from billing.spending_kinds import LimitPeriod, LimitScope
from tfci.core.tft import Tft

# Kept of what a limit leaves, for each VM that runs: what it takes until limits are looked at again. So a limit that is
# nearly reached does not let a hundred VMs start at once.
AHEAD = timedelta(minutes=5)  # as tfci/celery.py schedules it


@dataclass(frozen=True, slots=True)
class Limit:
    """`pool_id` and `repository`: of what it counts, where that is not the whole team. `name`: of the pool or
    repository. One that does not stop only warns."""

    id: int
    scope: LimitScope
    period: LimitPeriod
    amount: Tft
    stops: bool = True
    pool_id: int | None = None
    repository: str = ""
    name: str = ""

    def counts(self, pool_id: int | None, repository: str) -> bool:
        """Whether a VM of that pool, for a job of that repository, counts towards it."""
        match self.scope:
            case LimitScope.POOL:
                return pool_id == self.pool_id
            case LimitScope.REPOSITORY:
                return repository.lower() == self.repository.lower()
            case _:
                return True


@dataclass(frozen=True, slots=True)
class RunningVM:
    """What a VM that is paid for has run up and not been charged yet. `repository`: of the job that it runs or is meant
    for; "" where there is none."""

    pool_id: int | None
    repository: str
    per_hour: Tft
    owed: Tft


@dataclass(frozen=True, slots=True)
class Usage:
    """A limit by the day or month, and what is used of it until it renews. `ahead`: kept for the VMs that run."""

    limit: Limit
    spent: Tft
    renews_at: datetime
    ahead: Tft = field(default_factory=Tft)

    @property
    def is_spent(self) -> bool:
        return self.spent >= self.limit.amount

    @property
    def is_full(self) -> bool:
        return self.spent + self.ahead >= self.limit.amount

    @property
    def percent(self) -> int:
        """Whole percent, rounded down: 100 means that it is spent."""
        return max(0, 100 * int(self.spent) // int(self.limit.amount))

    def with_vm(self, per_hour: Tft) -> "Usage":
        """The same with one more VM that runs."""
        return Usage(self.limit, self.spent, self.renews_at, self.ahead + _ahead(per_hour))


def usage(limit: Limit, charged: Tft, renews_at: datetime, vms: Iterable[RunningVM]) -> Usage:
    """`charged`: by the ledger, in the period; `vms`: all of the team that are paid for."""
    counted = [vm for vm in vms if limit.counts(vm.pool_id, vm.repository)]
    spent = sum((vm.owed for vm in counted), charged)
    return Usage(limit, spent, renews_at, sum((_ahead(vm.per_hour) for vm in counted), Tft()))


class LimitRoom:
    """What a team's limits leave for new VMs, while these are planned one after the other."""

    def __init__(self, usages: Sequence[Usage] = ()) -> None:
        """`usages`: of limits by the day or month."""
        latest_first = sorted(usages, key=lambda one: (one.renews_at, one.limit.id), reverse=True)
        self.usages = [one for one in latest_first if one.limit.stops]

    def spent(self, pool_id: int | None, repository: str = "") -> Usage | None:
        """The limit that is reached for such a VM, if one is: of several the one that renews last."""
        return next((one for one in self._of(pool_id, repository) if one.is_spent), None)

    def full(self, pool_id: int | None, repository: str = "") -> Usage | None:
        """The limit that leaves nothing for one more such VM, if there is one."""
        return self.spent(pool_id, repository) or next(
            (one for one in self._of(pool_id, repository) if one.is_full), None
        )

    def start(self, pool_id: int | None, repository: str, per_hour: Tft) -> None:
        """One more such VM runs from now on."""
        self.usages = [
            one.with_vm(per_hour) if one.limit.counts(pool_id, repository) else one for one in self.usages
        ]

    def _of(self, pool_id: int | None, repository: str) -> list[Usage]:
        return [one for one in self.usages if one.limit.counts(pool_id, repository)]


def _ahead(per_hour: Tft) -> Tft:
    return pricing.cost(per_hour, AHEAD // timedelta(milliseconds=1))


def exceeded(limits: Iterable[Limit], pool_id: int | None, repository: str, cost: Tft) -> Limit | None:
    """The limit per job that a job of that cost has reached, if one has: of several the lowest."""
    counted = [one for one in limits if one.period == LimitPeriod.JOB and one.counts(pool_id, repository)]
    reached = [one for one in counted if cost >= one.amount]
    return min(reached, key=lambda one: (not one.stops, one.amount), default=None)
