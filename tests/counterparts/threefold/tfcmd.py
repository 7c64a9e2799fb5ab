"""A stub of ThreeFold's tfcmd (threefoldtech/tfgrid-sdk-go, grid-cli), as a program of its own: `deploy vm` alone.

Flags, files, order of checks, words and exit codes are the real one's; whatever it refuses is refused. Run with
nothing but the standard library, for it starts often.
"""

import json
import os
import re
import signal
import sys

sys.path.insert(0, os.path.dirname(__file__))  # as a program it finds no package of ours

from grid_client import Failed, Grid, contract, fatal, info  # noqa: E402

STRINGS = {"name", "ssh", "flist", "entrypoint"}
NUMBERS = {
    "node": 2**32,
    "farm": 2**64,
    "cpu": 2**8,
    "memory": 2**64,
    "rootfs": 2**64,
    "disk": 2**64,
    "volume": 2**64,
}
BOOLS = {"ipv4", "ipv6", "ygg", "mycelium"}
NAME = re.compile(r"^[a-zA-Z0-9_]+$")


def usage(why):
    """As cobra does."""
    print(f"Error: {why}\nUsage:\n  tfcmd deploy vm [flags]\n", file=sys.stderr)
    sys.exit(1)


def flags(arguments):
    told = {}
    for argument in arguments:
        name, equals, value = argument.removeprefix("--").partition("=")
        if not argument.startswith("--") or name not in {*STRINGS, *NUMBERS, *BOOLS, "env", "gpus"}:
            usage(f"unknown flag: {argument}")
        if not equals:
            usage(f"flag needs an argument: --{name}")
        if name in NUMBERS and not (value.isdecimal() and int(value) < NUMBERS[name]):
            usage(f'invalid argument "{value}" for "--{name}" flag')
        told[name] = value
    if missing := [f'"{name}"' for name in ("name", "ssh") if name not in told]:
        usage(f"required flag(s) {', '.join(missing)} not set")
    if ("flist" in told) != ("entrypoint" in told):
        usage("if any flags in the group [flist entrypoint] are set they must all be set")
    if "node" in told and "farm" in told:
        usage("if any flags in the group [node farm] are set none of the others can be")
    return told


def configuration():
    path = os.path.join(os.environ["XDG_CONFIG_HOME"], ".tfgridconfig")
    try:
        with open(path) as file:
            told = json.load(file)
    except OSError:
        fatal(
            "failed to load configuration try to login again using tf-grid login: "
            f"could not read configuration file {path}"
        )
    return told["mnemonics"], told["network"]


def deploy(told):
    with open(told["ssh"]) as file:
        environment = {"SSH_KEY": file.read()}
    words, network = configuration()
    grid = Grid(words)
    grid.ask("/_begin", network=network)
    node, name = int(told.get("node", 0)), told["name"]
    size = [
        int(told.get("cpu", 1)),
        int(told.get("memory", 1)) * 1024,
        int(told.get("rootfs", 2)) + int(told.get("disk", 0)),
    ]
    faults = grid.ask("/_faults")
    info("deploying network")
    try:
        network_contract, _ = contract(grid, name, node, f"{name}network", "network-light")
    except Failed as why:
        fatal(f"failed to deploy network on node {node}: {why}")
    if faults["dies_after_network"]:
        os.kill(os.getpid(), signal.SIGKILL)
    info("deploying vm")
    try:
        if not NAME.match(name) or len(name) > 36:
            raise Failed("invalid deployment: unsupported character in workload name")
        if not 1 <= size[0] <= 32:
            raise Failed(
                "invalid deployment: CPUs must be more than or equal to 1 and less than or equal to 32"
            )
        _, address = contract(grid, name, node, name, "vm-light", size, environment)
    except Failed as why:
        info("error happened while deploying. removing network")
        grid.ask("/_cancel", contracts=[network_contract])
        fatal(f"failed to deploy vm on node {node}: {why}")
    if faults["not_described"]:
        fatal(f"failed to load vm from node {node}: failed to get deployment")
    info(f"vm mycelium ip: {address}")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["deploy", "vm", *arguments]:
            deploy(flags(arguments))
        case _:
            usage(f'unknown command "{" ".join(sys.argv[1:])}" for "tfcmd"')
