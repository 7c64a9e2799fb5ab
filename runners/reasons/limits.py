"""What reasons say about a team's own spending limit."""

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from billing.spending.limit import Limit, Usage
from billing.spending_kinds import LimitPeriod, LimitScope
from tfci.core.reasons import Owner, Reason, Severity
from tfci.core.tft import Tft
from tfci.core.translation import gettext, gettext_noop

LIMITS = {  # of whose spending, over which time
    (LimitScope.TEAM, LimitPeriod.DAY): gettext_noop("the team’s spending limit of {amount} TFT a day"),
    (LimitScope.TEAM, LimitPeriod.MONTH): gettext_noop("the team’s spending limit of {amount} TFT a month"),
    (LimitScope.TEAM, LimitPeriod.JOB): gettext_noop("the team’s spending limit of {amount} TFT a job"),
    (LimitScope.POOL, LimitPeriod.DAY): gettext_noop(
        "the spending limit of {amount} TFT a day for the pool {name}"
    ),
    (LimitScope.POOL, LimitPeriod.MONTH): gettext_noop(
        "the spending limit of {amount} TFT a month for the pool {name}"
    ),
    (LimitScope.POOL, LimitPeriod.JOB): gettext_noop(
        "the spending limit of {amount} TFT a job for the pool {name}"
    ),
    (LimitScope.REPOSITORY, LimitPeriod.DAY): gettext_noop(
        "the spending limit of {amount} TFT a day for {name}"
    ),
    (LimitScope.REPOSITORY, LimitPeriod.MONTH): gettext_noop(
        "the spending limit of {amount} TFT a month for {name}"
    ),
    (LimitScope.REPOSITORY, LimitPeriod.JOB): gettext_noop(
        "the spending limit of {amount} TFT a job for {name}"
    ),
}


@dataclass(frozen=True, slots=True)
class NamesLimit(Reason):
    """`limit`: its row; `name`: of the pool or repository. `spent` of `amount` in 1e-7 TFT. `renews_at`: in the team's
    zone; "" for a limit per job."""

    owner = Owner.TEAM
    severity = Severity.WARNING
    limit: int
    scope: str
    period: str
    name: str
    amount: int
    spent: int
    renews_at: str = ""

    @classmethod
    def of(cls, usage: Usage) -> Self:
        """What is spent is rounded down to a hundredth of the limit: it is written to each job that waits, which must
        not change with every second of a VM."""
        limit = usage.limit
        spent = usage.percent * int(limit.amount) // 100
        return cls(*_limit(limit), spent, usage.renews_at.isoformat())

    @classmethod
    def per_job(cls, limit: Limit, cost: Tft) -> Self:
        return cls(*_limit(limit), int(cost))

    @property
    def title(self) -> str:
        text = gettext(LIMITS[LimitScope(self.scope), LimitPeriod(self.period)])
        return text.format(amount=short(self.amount), name=self.name)

    @property
    def facts(self) -> dict[str, str]:
        """What a sentence names."""
        renews_at = moment(self.renews_at) if self.renews_at else ""
        return {"limit": self.title, "spent": short(self.spent), "renews_at": renews_at}


def _limit(limit: Limit) -> tuple[int, str, str, str, int]:
    return limit.id, limit.scope.value, limit.period.value, limit.name, int(limit.amount)


def short(amount: int) -> str:
    """TFT with the digits that say anything: rounded, two amounts that differ could look alike."""
    return str(Tft(amount)).rstrip("0").rstrip(".")


def moment(at: str) -> str:
    """In the zone in which it was written: a team's days begin at its own midnight."""
    read = datetime.fromisoformat(at)
    return f"{read:%Y-%m-%d %H:%M} UTC{read:%z}" if read.utcoffset() else f"{read:%Y-%m-%d %H:%M} UTC"
