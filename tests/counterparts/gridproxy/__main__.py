"""python -m tests.counterparts.gridproxy COUNT: a process of its own; prints its address, ends with its input."""

import sys

from tests.counterparts.gridproxy import GridProxy

grid = GridProxy(count=int(sys.argv[1]))
print(grid.url, flush=True)
sys.stdin.read()
