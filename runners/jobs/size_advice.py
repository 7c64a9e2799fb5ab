"""Which size would do for jobs that are alike, from what each of them used at most. Pure.

Memory and disk kill a job that has too little, so the highest that any of them used counts, and a quarter more.
Processors only slow it, so what counts is the highest peak that was seen: a job that never had all of them busy for a
second loses nothing by fewer. Medians are shown beside the highest, and decide only whether more would help.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median

from runners.jobs.labels import NAMED, Size, SizeLimits

ENOUGH = 10  # jobs that must have been measured
RESERVE = 1.25  # of memory and disk
SLOWED = 900  # thousandths of the processors, the mean over a job: from here on they are what it waits for
TIGHT = 950  # thousandths of the memory
MIN_SIZE = Size(1, 2, 15)  # GB: less is not worth a VM
WORTH = 0.9  # of the price: what saves less than a tenth is not advised
STEP = 5  # GB of disk


@dataclass(frozen=True, slots=True)
class JobUsage:
    """By one job: thousandths of all processors, MiB of memory and disk."""

    peak_cpu: int
    mean_cpu: int
    memory: int
    disk: int


@dataclass(frozen=True, slots=True)
class Advice:
    """`highest` and `usual`: the highest and the median of each. `size`: what would do and costs at least a tenth less;
    None where none does. `short_of`: what more of would help, "memory" or "processors", "" where nothing."""

    jobs: int
    highest: JobUsage
    usual: JobUsage
    size: Size | None
    short_of: str


def advise(
    uses: Sequence[JobUsage], size: Size, largest: SizeLimits, price: Callable[[Size], int]
) -> Advice | None:
    """For jobs that ran with that size; None for too few of them. `price`: of a size, in whatever unit."""
    if len(uses) < ENOUGH:
        return None
    highest, usual = _each(uses, max), _each(uses, lambda values: round(median(values)))
    short_of = _short_of(highest, usual, size)
    better = None if short_of == "memory" else _cheapest(_needed(highest, size), size, largest, price)
    return Advice(len(uses), highest, usual, better, short_of)


def name(size: Size) -> str:
    """Its name where it has one, else its canonical label."""
    return next((word for word, named in NAMED.items() if named == size), str(size))


def _each(uses: Sequence[JobUsage], what: Callable[[Iterable[int]], int]) -> JobUsage:
    return JobUsage(*(what([getattr(use, part) for use in uses]) for part in JobUsage.__dataclass_fields__))


def _short_of(highest: JobUsage, usual: JobUsage, size: Size) -> str:
    if highest.memory * 1000 >= TIGHT * size.memory_gb * 1024:
        return "memory"
    return "processors" if usual.mean_cpu >= SLOWED else ""


def _needed(highest: JobUsage, size: Size) -> Size:
    """The least of each part that would have done for all of them."""
    return Size(
        max(ceil(highest.peak_cpu * size.cpu / 1000), MIN_SIZE.cpu),
        max(ceil(RESERVE * highest.memory / 1024), MIN_SIZE.memory_gb),
        max(ceil(RESERVE * highest.disk / 1024 / STEP) * STEP, MIN_SIZE.disk_gb),
    )


def _cheapest(needed: Size, size: Size, largest: SizeLimits, price: Callable[[Size], int]) -> Size | None:
    """Just what is needed, or a named size that costs hardly more."""
    fit = [one for one in (*NAMED.values(), needed) if _within(needed, one) and _within(one, largest)]
    cheaper = sorted((one for one in fit if price(one) <= WORTH * price(size)), key=price)
    named = [one for one in cheaper if one in NAMED.values() and WORTH * price(one) <= price(cheaper[0])]
    return next(iter(named or cheaper), None)


def _within(small: Size, large: Size | SizeLimits) -> bool:
    return all(getattr(small, part) <= getattr(large, part) for part in ("cpu", "memory_gb", "disk_gb"))
