"""python -m practice.grid: begin, serve, end."""

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

from practice.grid import contracts, journal
from practice.grid.api import chain, control, payments, proxy  # noqa: F401  their routes register themselves
from practice.grid.grid import Grid, HomeInUse, Pace
from practice.grid.landscape import landscape
from practice.grid.programs import Programs
from practice.grid.server import Server
from practice.grid.vms import accel, host, image, network
from practice.grid.vms.kind import Vms

IMAGES = Path(__file__).resolve().parents[2] / "images"
NODES, LOCAL_SEED = 2000, 0
BLOCK, BOOT = 6.0, 0.5  # seconds of an act on the chain, and from contract to machine
TICK = 0.05  # seconds
GRACE = 2.0  # seconds that machines get to go by themselves when the grid ends

log = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options().parse_args(arguments)
    title = "local" if options.vms else "simulated"
    logging.basicConfig(format=f"%(asctime)s {title} grid: %(message)s", level=logging.INFO)
    options.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        grid = _local(options) if options.vms else _simulated(options)
    except HomeInUse as error:
        print(f"The {title} grid can't use {options.home}: {error}.", file=sys.stderr)
        return 2
    if options.speed is not None:
        grid.set_clock(grid.clock.now(), options.speed)
    contracts.report(grid)
    contracts.settle(grid)
    grid.machines.adopt(grid.pace.boot)
    _serve(grid, options)
    return 0


def _simulated(options: argparse.Namespace) -> Grid:
    """Made-up nodes, a chain as slow as the real one, machines that are programs."""
    nodes = landscape(options.seed, options.nodes or NODES)
    pace = Pace(_given(options.chain_latency, BLOCK), _given(options.boot, BOOT))
    return Grid(options.home.resolve(), options.seed, nodes, Programs(_command(options)), pace)


def _local(options: argparse.Namespace) -> Grid:
    """This host's own nodes, a chain that nobody has to wait for, machines that are virtual."""
    home = options.home.resolve()
    emulated = accel.emulated(image.newest(options.vms), home / "accel.json")
    out = not options.no_way_out and network.opens_out(home)
    number = options.nodes or journal.begun(home / "journal.jsonl").get("nodes") or host.count()
    nodes = host.nodes(number, home, emulated, options.node_size)
    kind = Vms(home, options.vms, options.door, emulated, out)
    log.info("machines are %s", kind.about)
    return Grid(
        home, LOCAL_SEED, nodes, kind, Pace(_given(options.chain_latency, 0), _given(options.boot, 0))
    )


def _given(value: float | None, default: float) -> float:
    return default if value is None else value


def _serve(grid: Grid, options: argparse.Namespace) -> None:
    """Until SIGTERM or SIGINT."""
    token = _token(options.home)
    with Server((options.host, options.port), grid, token) as server:
        stop = threading.Event()
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, lambda *_: stop.set())
        threading.Thread(target=server.serve_forever, args=[TICK], daemon=True).start()
        _say_ready(options.home, server.socket.getsockname(), token, grid)
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


def _say_ready(home: Path, address: tuple[str, int], token: str, grid: Grid) -> None:
    url = f"http://{address[0]}:{address[1]}"
    ready = {"url": url, "control_token": token, "pid": os.getpid(), "machines": grid.machines.about}
    _write_private(home / "ready.json", json.dumps(ready))
    print(f"The grid is ready at {url}; machines are {grid.machines.about}", flush=True)


def _write_private(path: Path, text: str) -> None:
    """All of it or nothing, and for its owner only."""
    draft = path.with_suffix(".draft")
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.replace(path)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m practice.grid", description="A grid on this computer.")
    parser.add_argument("--home", type=Path, required=True, help="folder for its journal and its machines")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0: any; ready.json in its home names it")
    parser.add_argument("--nodes", type=int, help="at first 2000; with --vms what the host can bear")
    parser.add_argument("--chain-latency", type=float, help="real seconds of an act: 6; with --vms 0")
    parser.add_argument("--boot", type=float, help="real seconds from contract to machine: 0.5; with --vms 0")
    parser.add_argument("--speed", type=float, help="chain seconds in a real second; kept, at first 1")
    parser.add_argument("--keep-machines", action="store_true", help="at the end, leave them running")
    programs = parser.add_argument_group("machines that are programs (the simulated grid)")
    programs.add_argument("--seed", type=int, default=13)
    programs.add_argument("--images", type=Path, default=IMAGES, help="folder of the agent")
    programs.add_argument("--python", default=sys.executable, help="what runs the agent")
    programs.add_argument("--machine", help="another command for a machine to run than the agent")
    virtual = parser.add_argument_group("machines that are virtual (the local grid)")
    virtual.add_argument("--vms", type=Path, metavar="IMAGES", help="folder of the images; `current` is used")
    virtual.add_argument("--door", action="append", default=[], help="HOST:PORT that they may reach")
    virtual.add_argument(
        "--node-size", type=host.Size.parse, help="CPU,MIB,GIB of each node: not what is there"
    )
    virtual.add_argument("--no-way-out", action="store_true", help="they reach nothing else, no internet")
    return parser


if __name__ == "__main__":
    sys.exit(main())
