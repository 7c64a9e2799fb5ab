"""python -m tests.bench [orders] [starts] [refresh] [intake] [kills] [bodies] [live] [silence] [pages] [mirror]
[github] [machines] [threefold]

All of it takes an hour.
"""

import os
import platform
import sys
import tempfile
import time
from pathlib import Path

from tests.bench import (
    intake,
    live,
    machines,
    mirror,
    orders,
    refresh,
    silence,
    slow_bodies,
    starts,
    threefold,
    worker_kills,
)
from tests.bench.github_hour import start as github_hour
from tests.bench.million_jobs import pages as million_jobs
from tests.bench.stage import Stage

OF_ITS_OWN = {
    "silence": ("Beside a forge that never answers", silence.measure),
    "pages": ("Pages over a million jobs", million_jobs.measure),
    "mirror": ("6,000 nodes mirrored and found", mirror.measure),
    "github": ("An hour at GitHub", github_hour.measure),
    "machines": ("Virtual machines", machines.measure),
    "threefold": ("ThreeFold by counterparts", threefold.measure),
}
PARTS = ("orders", "starts", "refresh", "intake", "kills", "bodies", "live", *OF_ITS_OWN)
CHAINS = (6.0, 0.0)  # seconds that a block takes: as on the grid, and none


def main(wanted: list[str]) -> int:
    if unknown := set(wanted) - set(PARTS):
        print(f"There is no {', '.join(unknown)}; there are {', '.join(PARTS)}.")
        return 2
    wanted = wanted or list(PARTS)
    print(
        f"{time.strftime('%Y-%m-%d')}, {platform.machine()}, {os.cpu_count()} processors,"
        f" load {os.getloadavg()[0]:.1f} before it began"
    )
    if set(wanted) - OF_ITS_OWN.keys():
        with tempfile.TemporaryDirectory(prefix="farmhand-bench-") as folder:
            stage = Stage(Path(folder))
            stage.start()
            try:
                run(stage, wanted)
            finally:
                stage.end()
    for part, (title, measure) in OF_ITS_OWN.items():
        if part in wanted:
            print(f"\n{title}, load {os.getloadavg()[0]:.1f}")
            measure()
    return 0


def run(stage: Stage, wanted: list[str]) -> None:
    stage.until_quiet()
    for latency in CHAINS if {"orders", "starts", "refresh"} & set(wanted) else ():
        stage.at_grid("POST", "/pace", {"chain_latency": latency, "boot": 0.5})
        print(f"\nChain latency {latency:g} s, load {os.getloadavg()[0]:.1f}")
        if "orders" in wanted:
            orders.measure(stage)
        if "starts" in wanted:
            starts.measure(stage, f"chain{latency:g}x")
        if "refresh" in wanted:
            refresh.measure(stage, f"chain{latency:g}y")
    if "intake" in wanted:
        print(f"\nIntake, load {os.getloadavg()[0]:.1f}")
        intake.measure(stage)
    if "kills" in wanted:
        print(f"\nWeb workers killed, load {os.getloadavg()[0]:.1f}")
        worker_kills.measure(stage)
    if "bodies" in wanted:
        print(f"\nSlow bodies, load {os.getloadavg()[0]:.1f}")
        slow_bodies.measure(stage)
    if "live" in wanted:
        print(f"\nLive pages, load {os.getloadavg()[0]:.1f}")
        live.measure(stage)


if __name__ == "__main__":
    sys.stdout.reconfigure(line_buffering=True)
    sys.exit(main(sys.argv[1:]))
