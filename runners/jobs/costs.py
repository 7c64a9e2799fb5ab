"""What jobs cost: their own time, and their shares of what their VMs took besides (metering/cost_shares.py).

Once its VM is gone, the ledger has it, job by job. Until then it is worked out from what the VM has run up, as the
ledger would have it if the VM went now. For jobs of phases.joined() that went through phases.read().
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from billing import ledger, pricing
from billing.uses import Use
from runners.metering import charges
from runners.models import VM, Job
from tfci.core.optional import present
from tfci.core.tft import UNIT, Tft


@dataclass(frozen=True, slots=True)
class JobCost:
    """`total` is None before a VM ran it. `so_far`: its VM is there, so it still changes."""

    total: Tft | None
    so_far: bool


def by_job(jobs: Iterable[Job], now: datetime) -> dict[int, JobCost]:
    """By job id. At most three queries, none where the VMs of all jobs are gone."""
    jobs = list(jobs)
    _load([job for job in jobs if is_so_far(job)])
    return {job.pk: JobCost(_total(job, now), is_so_far(job)) for job in jobs}


def is_so_far(job: Job) -> bool:
    """Whether the VM that ran it is still there."""
    return job.vm is not None and job.vm.state != VM.State.GONE


def by_use(job: Job, now: datetime) -> dict[Use, Tft]:
    """One job's cost, split; the parts sum up to its total."""
    if not is_so_far(job):
        return ledger.spent_by_use(job.pk)
    return _run_up(job, now)


def of_attempts(job: Job, cost: JobCost, alike: Iterable[Job]) -> list[tuple[Job, JobCost]]:
    """Each attempt of the same job, the first one first, itself among them. `alike`: timeline.similar_jobs(). What the
    others cost is the ledger's, also while the VM of one is still there."""
    others = [other for other in alike if other.pk != job.pk and _is_same_run(job, other)]
    rows = [(other, JobCost(_spent(other), is_so_far(other))) for other in others]
    return sorted([*rows, (job, cost)], key=lambda row: row[0].pk)


def _is_same_run(job: Job, other: Job) -> bool:
    return bool(job.run_id) and (job.connection_id, job.run_id) == (other.connection_id, other.run_id)


def usd(job: Job, cost: Tft) -> Decimal:
    """The cost in dollars, at the price of a TFT for which its VM was ordered."""
    return Decimal(pricing.usd(cost, present(present(job.vm).quote).tft_musd)) / UNIT


def _load(jobs: list[Job]) -> None:
    """What charges.py reads of their VMs; a VM of one job knows that job already."""
    for job in jobs:
        for runner in present(job.vm).runners.all():
            if runner.job_id == job.pk:
                runner.job = job
    charges.load(present(job.vm) for job in jobs)


def _total(job: Job, now: datetime) -> Tft | None:
    if is_so_far(job):
        return Tft(sum(_run_up(job, now).values()))
    return _spent(job)


def _spent(job: Job) -> Tft | None:
    spent: int | None = job.spent  # type: ignore[attr-defined]  # annotated by the query
    return None if spent is None else Tft(spent)


def _run_up(job: Job, now: datetime) -> dict[Use, Tft]:
    vm = present(job.vm)
    shares = charges.shares(vm, now) if vm.quote else {}
    return {use: cost for (use, job_id), cost in shares.items() if job_id == job.pk}
