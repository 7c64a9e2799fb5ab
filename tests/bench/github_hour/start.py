"""A busy hour at GitHub: what is called of its limits, and how soon jobs are heard of."""

from tests.bench import alone


def measure() -> None:
    alone.run("tests.bench.github_hour.play")
