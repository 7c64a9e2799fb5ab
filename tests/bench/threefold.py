"""300 machines wanted at once over 3 accounts of ThreeFold's counterpart, whose chain makes a block each 6 s; and some
on exact nodes. Nodes take no time there, so what is seen is what the chain and the programs cost."""

import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.bench.figures import percentile, spread, verdict
from tests.contracts.grids import Threefold
from tfci.grid.clients import threefold
from tfci.grid.ports import Deployed, Order, Within

ACCOUNTS, BLOCK = 3, 6.0
BATCH = 20  # machines in one turn, as runners/deploys.py takes them
TOGETHER, EXACT = 300, 12  # machines
PATIENCE = 900  # seconds until all are up
SENT = 180  # seconds, p95


def measure() -> None:
    with tempfile.TemporaryDirectory(prefix="farmhand-bench-") as folder:
        grid = Threefold(Path(folder), count=600, block=BLOCK)
        try:
            sent, up = _all(grid, TOGETHER, Within())
            print(f"threefold  {TOGETHER} by tfrobot, wanted -> sent: {spread(sent)}")
            print(f"           p95 {verdict(percentile(sent, 0.95), SENT)} s")
            print(f"           wanted -> up: {spread(up)}")
            _, up = _all(grid, EXACT, None)
            print(f"threefold  {EXACT} by tfcmd, one after the other, wanted -> up: {spread(up)}")
            print(f"           {max(up) * ACCOUNTS / EXACT:.1f} s a machine and account")
        finally:
            grid.close()


def _all(grid: Threefold, count: int, within: Within | None) -> tuple[list[float], list[float]]:
    """Seconds from the wish until each was sent, and until it was up."""
    began = time.monotonic()

    def clock() -> float:
        return time.monotonic() - began

    each, nodes = count // ACCOUNTS, [node.node_id for node in grid.catalog.nodes() if node.free_mru > 2**15]
    with ThreadPoolExecutor(ACCOUNTS) as pool:
        turns = [pool.submit(_turns, grid.account(), nodes, each, within, clock) for _ in range(ACCOUNTS)]
        told = [turn.result() for turn in turns]
    return [at for sent, _ in told for at in sent], [at for _, up in told for at in up]


def _turns(
    account: threefold.Account,
    nodes: Sequence[int],
    count: int,
    within: Within | None,
    clock: Callable[[], float],
) -> tuple[list[float], list[float]]:
    """Turn after turn, as a twin takes them, until all are up."""
    left: Sequence[Order] = [
        Order(f"bench_{number}", nodes[number % len(nodes)], 2, 4096, 50, within=within)
        for number in range(count)
    ]
    sent, up = [], []
    while left:
        assert clock() < PATIENCE, f"{len(left)} are not up"
        batch, at = left[:BATCH], clock()
        came = {answer.name for answer in account.deploy(batch) if isinstance(answer, Deployed)}
        sent += [at] * len(came)
        up += [clock()] * len(came)
        left = [order for order in left if order.name not in came]
    return sent, up
