"""A VM's cost by use -> the same divided among its jobs, so that a job's cost is its full cost. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from billing.uses import SHARED, Use
from tfci.core.tft import Tft

Costs = Mapping[tuple[Use, int | None], Tft]


def divide(costs: Costs, job_ids: Sequence[int]) -> dict[tuple[Use, int | None], Tft]:
    """Divide boot, idle, refresh and teardown equally among the jobs, each use to the last 1e-7 TFT.

    The sum stays the same. Without a job nothing is divided: then it is the pool's cost alone.
    """
    shares: dict[tuple[Use, int | None], Tft] = defaultdict(Tft)
    for (use, job_id), cost in costs.items():
        if use in SHARED and job_ids:
            for each, part in zip(job_ids, _parts(cost, len(job_ids)), strict=True):
                shares[use, each] += part
        else:
            shares[use, job_id] += cost
    return dict(shares)


def _parts(cost: Tft, count: int) -> Iterator[Tft]:
    """Equal parts that sum up exactly; where it doesn't divide, they differ by 1e-7 TFT."""
    for n in range(count):
        yield Tft(int(cost) * (n + 1) // count - int(cost) * n // count)
