"""What a job cost, and what others ask for the same minutes."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from billing import pricing
from runners import charges
from runners.models import Job
from runners.views.rows import Row
from tfci.prices import GITHUB, PEERS
from tfci.tft import UNIT, Tft


@dataclass(frozen=True, slots=True)
class Price:
    """What the same minutes cost there, in USD; `counted`: how."""

    name: str
    usd: Decimal
    counted: str
    as_of: str = ""
    source: str = ""


def shown(job: Job, row: Row, now: datetime) -> dict:
    """For its page."""
    cost = _cost(job, row, now)
    prices = _prices(job, row, cost)
    return {
        "cost": cost,
        "prices": prices,
        "dearest": max((price.usd for price in prices), default=0),
        "github": GITHUB,
        "tft": Decimal(job.vm.quote.tft_musd) / 1000 if prices else None,
    }


def _cost(job: Job, row: Row, now: datetime) -> Tft | None:
    """To the last digit what the ledger has, or will have when its machine is gone."""
    if row.so_far:
        return charges.costs(job.vm, now).get(("job", job.pk), row.cost)
    return row.cost


def _prices(job: Job, row: Row, cost: Tft | None) -> list[Price]:
    """Ours, then others' for this job's minutes, the cheapest first; none before it has run."""
    if cost is None or not row.ran or not job.vm or not job.vm.quote:
        return []
    ours = Decimal(pricing.usd(cost, job.vm.quote.tft_musd)) / UNIT
    made = []
    for peer in PEERS:
        usd = peer.charge(job.vm.cpu, row.ran)
        if usd is not None:
            made.append(Price(peer.name, usd, peer.counted, peer.as_of, peer.source))
    return [Price("", ours, "by the second"), *sorted(made, key=lambda price: price.usd)]
