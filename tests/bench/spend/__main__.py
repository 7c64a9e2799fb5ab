"""python -m tests.bench.spend [VMs]: a year of 50 teams with that many VMs, 2,000,000 of them by default, which take
an hour and 15 GB of disk."""

import sys

from tests.bench import alone

if __name__ == "__main__":
    alone.run("tests.bench.spend.visits", *(sys.argv[1:] or ["2000000"]))
