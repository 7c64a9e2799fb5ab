"""6,000 nodes from a grid proxy into rows, and found again: seconds, memory, milliseconds of each search."""

from tests.bench import alone


def measure() -> None:
    alone.run("tests.bench.mirroring")
