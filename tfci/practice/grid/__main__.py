"""python -m tfci.practice.grid: begin, serve, end."""

import argparse
import json
import logging
import os
import secrets
import shlex
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from tfci.practice.grid import contracts
from tfci.practice.grid.api import chain, control, proxy  # noqa: F401  their routes register themselves
from tfci.practice.grid.grid import Grid, HomeTaken, Pace
from tfci.practice.grid.server import Server

IMAGES = Path(__file__).resolve().parents[3] / "images"
TICK = 0.05  # seconds
GRACE = 2.0  # seconds that machines get to go by themselves when the grid ends


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options().parse_args(arguments)
    logging.basicConfig(format="%(asctime)s simulated grid: %(message)s", level=logging.INFO)
    try:
        pace = Pace(options.chain_latency, options.boot)
        grid = Grid(options.home.resolve(), options.seed, options.nodes, _command(options), pace)
    except HomeTaken as error:
        print(f"The simulated grid can't use {options.home}: {error}.", file=sys.stderr)
        return 2
    if options.speed is not None:
        grid.set_clock(grid.clock.now(), options.speed)
    contracts.settle(grid)
    grid.machines.adopt(options.boot)
    _serve(grid, options)
    return 0


def _serve(grid: Grid, options: argparse.Namespace) -> None:
    """Until SIGTERM or SIGINT."""
    token = _token(options.home)
    with Server((options.host, options.port), grid, token) as server:
        stop = threading.Event()
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, lambda *_: stop.set())
        threading.Thread(target=server.serve_forever, args=[TICK], daemon=True).start()
        _say_ready(options.home, server.server_address, token)
        contracts.run(grid, stop)
        server.shutdown()
        contracts.close(grid, options.keep_machines, GRACE)


def _command(options: argparse.Namespace) -> list[str]:
    """What a machine runs."""
    if options.machine:
        return shlex.split(options.machine)
    return [options.python, str(options.images / "agent")]


def _token(home: Path) -> str:
    """The control token: the environment's, or one of this home, the same at every start."""
    if "FARMHAND_GRID_TOKEN" in os.environ:
        return os.environ["FARMHAND_GRID_TOKEN"]
    path = home / "token"
    if not path.exists():
        _write_private(path, secrets.token_hex(24))
    return path.read_text()


def _say_ready(home: Path, address: tuple[str, int], token: str) -> None:
    url = f"http://{address[0]}:{address[1]}"
    ready = {"url": url, "control_token": token, "pid": os.getpid()}
    _write_private(home / "ready.json", json.dumps(ready))
    print(f"The simulated grid is ready at {url}", flush=True)


def _write_private(path: Path, text: str) -> None:
    """All of it or nothing, and for its owner only."""
    draft = path.with_suffix(".draft")
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.replace(path)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m tfci.practice.grid", description="A grid to practise on.")
    parser.add_argument("--home", type=Path, required=True, help="folder for its journal and its machines")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: any; ready.json in its home names it")
    parser.add_argument("--nodes", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--chain-latency", type=float, default=6.0, help="real seconds of an act")
    parser.add_argument("--boot", type=float, default=0.5, help="real seconds from contract to machine")
    parser.add_argument("--speed", type=float, help="chain seconds in a real second; kept, at first 1")
    parser.add_argument("--images", type=Path, default=IMAGES, help="folder of the agent")
    parser.add_argument("--python", default=sys.executable, help="what runs the agent")
    parser.add_argument("--machine", help="another command for a machine to run than the agent")
    parser.add_argument("--keep-machines", action="store_true", help="at the end, leave them running")
    return parser


if __name__ == "__main__":
    sys.exit(main())
