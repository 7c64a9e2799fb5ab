"""Numbers for people: percentiles, and each phase's share of the whole."""

import statistics
from collections.abc import Mapping, Sequence


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of the values that at least this share of them do not exceed.

    >>> percentile([3, 1, 2, 4], 0.5), percentile([3, 1, 2, 4], 0.95)
    (2, 4)
    """
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * round(1000 * share) // 1000) - 1)]


def spread(seconds: Sequence[float]) -> str:
    """p50, p95, p99 and the largest, in milliseconds."""
    marks = {f"p{round(100 * share)}": percentile(seconds, share) for share in (0.5, 0.95, 0.99)}
    marks["max"] = max(seconds)
    return (
        "  ".join(f"{name} {1000 * value:.0f}" for name, value in marks.items()) + f" ms  (n={len(seconds)})"
    )


def shares(phases: Mapping[str, Sequence[float]]) -> list[str]:
    """A line a phase: its median, its 95th percentile, and its share of all the time that all of them took."""
    whole = sum(map(sum, phases.values()))
    return [
        f"{name:<52}p50 {1000 * statistics.median(seconds):6.0f}  p95 {1000 * percentile(seconds, 0.95):6.0f} ms"
        f"  {100 * sum(seconds) / whole:5.1f} %"
        for name, seconds in phases.items()
    ]


def verdict(value: float, limit: float, *, least: bool = False) -> str:
    """Whether a figure keeps its target, in words."""
    kept = value >= limit if least else value < limit
    return f"target {'at least' if least else 'under'} {limit:g}: {'kept' if kept else 'MISSED'}"
