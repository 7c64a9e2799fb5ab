"""300 VMs wanted at once over 3 accounts of ThreeFold's counterpart, whose chain makes a block each 6 s; the same
while one account's nodes never answer; and some on exact nodes. Nodes that answer take no time there, so what is seen
is what the chain, the programs and our workers cost."""

import json
import sys
import tempfile
from pathlib import Path

from tests.bench import alone
from tests.contracts.grids import Threefold

ACCOUNTS, BLOCK, NODES = 3, 6.0, 600
SCENES = ("together", "one hangs", "exact")
HANG_IN = "Americas"  # where the first account's teams have their VMs (tests/bench/wishing.py)


def measure(scenes: tuple[str, ...] = SCENES) -> None:
    for scene in scenes:
        with tempfile.TemporaryDirectory(prefix="farmhand-bench-") as folder:
            play(scene, Path(folder))


def play(scene: str, folder: Path) -> None:
    """In a world of its own."""
    grid = Threefold(folder, count=NODES, block=BLOCK)
    if scene == "one hangs":
        grid.world.faults.hanging = {n["nodeId"] for n in grid.world.nodes if n["region"] == HANG_IN}
    try:
        alone.run(
            "tests.bench.wishing",
            scene,
            FARMHAND_GRID="dev",
            FARMHAND_GRID_URL=grid.server.url,
            FARMHAND_TFCMD=grid.given.tfcmd,
            FARMHAND_TFROBOT=grid.given.tfrobot,
            FARMHAND_FLIST=grid.given.image,
            BENCH_ACCOUNTS=json.dumps([grid.world.open(100_000) for _ in range(ACCOUNTS)]),
        )
    finally:
        grid.close()


if __name__ == "__main__":
    measure((" ".join(sys.argv[1:]),))
