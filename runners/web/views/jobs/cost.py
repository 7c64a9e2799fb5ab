"""What a job cost, part by part, and what others ask for the same minutes."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext, gettext_noop

from billing import price_parts
from billing.uses import Use
from runners.jobs import costs as job_costs
from runners.jobs.costs import JobCost
from runners.models import Job
from runners.web.views.jobs.rows import JobRow
from tfci.core.list_prices.current import GITHUB, PEERS
from tfci.core.tft import Tft

# in the order in which they come in a VM's life
PARTS = {
    Use.BOOT: gettext_noop("Boot"),
    Use.IDLE: gettext_noop("Idle"),
    Use.JOB: gettext_noop("Job time"),
    Use.REFRESH: gettext_noop("Reboots between jobs"),
    Use.TEARDOWN: gettext_noop("Teardown"),
}


@dataclass(frozen=True, slots=True)
class CompetitorPrice:
    """What the same minutes cost there, in USD; `counted`: how."""

    name: str
    usd: Decimal
    counted: str
    as_of: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """One line of the split."""

    name: str
    cost: Tft


def shown(job: Job, row: JobRow, alike: list[Job], now: datetime) -> dict[str, Any]:
    """For its page."""
    prices = _prices(job, row)
    attempts = job_costs.of_attempts(job, JobCost(row.cost, row.so_far), alike)
    quote = job.vm.quote if job.vm else None
    return {
        "cost": row.cost,
        "made_of": price_parts.of_quote(quote) if quote else None,
        "parts": _parts(job, now) if row.cost is not None else [],
        "usd": None if row.cost is None or quote is None else job_costs.usd(job, row.cost),
        "priced": quote,
        "attempts": attempts,
        "cost_of_attempts": sum((cost.total or Tft(0) for _, cost in attempts), Tft(0)),
        "attempts_so_far": any(cost.so_far for _, cost in attempts),
        "shared_by": sum(bool(runner.job_id) for runner in job.vm.runners.all()) if job.vm else 0,
        "prices": prices,
        "dearest": max((price.usd for price in prices), default=0),
        "github": GITHUB,
        "tft": Decimal(quote.tft_musd) / 1000 if quote else None,
    }


def _parts(job: Job, now: datetime) -> list[Part]:
    costs = job_costs.by_use(job, now)
    return [Part(gettext(name), costs[use]) for use, name in PARTS.items() if use in costs]


def _prices(job: Job, row: JobRow) -> list[CompetitorPrice]:
    """Ours, then others' for this job's minutes, the cheapest first; none before it has run."""
    if row.cost is None or not row.ran or not job.vm or not job.vm.quote:
        return []
    ours = job_costs.usd(job, row.cost)
    made = []
    for peer in PEERS:
        usd = peer.charge(job.vm.cpu, row.ran)
        if usd is not None:
            made.append(CompetitorPrice(peer.name, usd, peer.counted, peer.as_of, peer.source))
    return [CompetitorPrice("", ours, gettext("by the second")), *sorted(made, key=lambda price: price.usd)]
