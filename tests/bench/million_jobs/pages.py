"""Pages and lists of the API over a million jobs: milliseconds and queries of each. It takes 3 GB of disk meanwhile."""

from tests.bench import alone


def measure() -> None:
    alone.run("tests.bench.million_jobs.visits")
