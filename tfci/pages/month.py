"""What a month of jobs comes to: here, and with the products that we compare with."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.utils.translation import gettext, gettext_noop

from runners.jobs.labels import Size
from tfci.core.list_prices.current import BLACKSMITH, DEPOT, PEERS, UBICLOUD
from tfci.core.list_prices.peers import Peer
from tfci.core.tft import Tft
from tfci.pages.rates import HOURS, Cost, Rates

DAYS = 30


@dataclass(frozen=True, slots=True)
class Month:
    """Jobs of one size. `boot`: from a VM's contract to its readiness, and its
    teardown. `standby`: VMs kept ready all month,
    besides those that run."""

    size: Size
    jobs_a_day: int
    each: timedelta
    boot: timedelta
    standby: int = 0
    certified: bool = False

    @property
    def jobs(self) -> int:
        return self.jobs_a_day * DAYS

    @property
    def running(self) -> timedelta:
        return self.jobs * self.each

    @property
    def booting(self) -> timedelta:
        """None where a VM stands by: we assume that it meets every job."""
        return timedelta() if self.standby else self.jobs * self.boot

    @property
    def idle(self) -> timedelta:
        return self.standby * timedelta(hours=HOURS)


@dataclass(frozen=True, slots=True)
class MonthlyBill:
    """Ours, part by part."""

    jobs: Cost
    boot: Cost
    idle: Cost

    @property
    def total(self) -> Cost:
        parts = (self.jobs, self.boot, self.idle)
        return Cost(sum((part.tft for part in parts), Tft()), sum((part.usd for part in parts), Decimal()))


@dataclass(frozen=True, slots=True)
class Included:
    """What a product's month includes: a fee for minutes, minutes for nothing, or a credit, in USD."""

    fee: Decimal = Decimal()
    minutes: int = 0
    credit: Decimal = Decimal()
    note: str = ""


INCLUDED = {
    UBICLOUD.name: Included(credit=Decimal("2.50"), note=gettext_noop("$2.50 a month are free")),
    BLACKSMITH.name: Included(minutes=3000, note=gettext_noop("3,000 free minutes taken off")),
    DEPOT.name: Included(fee=Decimal(20), minutes=2000, note=gettext_noop("$20 plan with 2,000 minutes")),
}


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A peer's month in USD; None where it has no such size."""

    peer: Peer
    usd: Decimal | None
    note: str = ""


def here(month: Month, rates: Rates) -> MonthlyBill:
    def cost(time: timedelta) -> Cost:
        return rates.cost(month.size, time // timedelta(milliseconds=1), certified=month.certified)

    return MonthlyBill(cost(month.running), cost(month.booting), cost(month.idle))


def elsewhere(month: Month) -> Iterator[Elsewhere]:
    """By list prices, each job counted as the product counts it; what a plan includes is taken off in full."""
    for peer in PEERS:
        plan = INCLUDED.get(peer.name, Included())
        yield Elsewhere(peer, _usd(peer, plan, month), gettext(plan.note))


def _usd(peer: Peer, plan: Included, month: Month) -> Decimal | None:
    cpu = peer.fits(month.size.cpu)
    if cpu is None:
        return None
    minutes = max(month.jobs * peer.counts(month.each) - plan.minutes, Decimal())
    return plan.fee + max(minutes * peer.per_minute[cpu] - plan.credit, Decimal())


def even_at(standby: Decimal, peer: Peer, cpu: int) -> int | None:
    """The minutes of a peer that cost what one standby costs a month: below, they are cheaper than it."""
    size = peer.fits(cpu)
    return int(standby / peer.per_minute[size]) if size else None
