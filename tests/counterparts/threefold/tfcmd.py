"""A stub of ThreeFold's tfcmd (threefoldtech/tfgrid-sdk-go, grid-cli), as a program of its own: `deploy vm` alone.

Flags, files, order of checks, words and exit codes are the real one's; whatever it refuses is refused. Run with
nothing but the standard library, for it starts often.
"""

import json
import os
import re
import signal
import sys
import time
from http.client import HTTPConnection
from urllib.parse import urlsplit

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
NOW = "10:00AM"


def fatal(why):
    print(
        f'\x1b[90m{NOW}\x1b[0m \x1b[31mFTL\x1b[0m \x1b[36merror=\x1b[0m\x1b[31m"{why}"\x1b[0m',
        file=sys.stderr,
    )
    sys.exit(1)


def info(text):
    print(f"\x1b[90m{NOW}\x1b[0m \x1b[32mINF\x1b[0m {text}", file=sys.stderr)


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


class Grid:
    """The chain and the nodes, as far as a program reaches them."""

    def __init__(self, words):
        self._at, self._words = urlsplit(os.environ["WORLD"]), words

    def ask(self, path, **body):
        connection = HTTPConnection(self._at.hostname, self._at.port, timeout=600)
        try:
            connection.request("POST", path, json.dumps({"words": self._words, **body}))
            told = json.loads(connection.getresponse().read())
        except OSError:
            told = {"lost": True}
        if told.get("lost"):
            fatal(
                "could not get substrate client: error connecting to substrate at 'wss://tfchain.grid.tf/ws'"
            )
        if told.get("hangs"):
            time.sleep(3600)
        if "fatal" in told:
            fatal(told["fatal"])
        return told


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
    network_contract = made(
        grid, name, node, f"{name}network", "network-light", 4, f"failed to deploy network on node {node}"
    )
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
        address = placed(grid, name, node, name, "vm-light", 3, size, environment)
    except Failed as why:
        info("error happened while deploying. removing network")
        grid.ask("/_cancel", contract=network_contract)
        fatal(f"failed to deploy vm on node {node}: {why}")
    if faults["not_described"]:
        fatal(f"failed to load vm from node {node}: failed to get deployment")
    info(f"vm mycelium ip: {address}")


class Failed(Exception):
    pass


def made(grid, name, node, called, kind, version, why):
    try:
        return contract(grid, name, node, called, kind, version)[0]
    except Failed as error:
        fatal(f"{why}: {error}")


def placed(grid, name, node, called, kind, version, size, environment):
    return contract(grid, name, node, called, kind, version, size, environment)[1]


def contract(grid, name, node, called, kind, version, size=None, environment=None):
    """A contract and its deployment on the node; cancelled where the node does not take it."""
    data = json.dumps(
        {"version": version, "type": kind, "name": called, "projectName": f"vm/{name}"}, separators=(",", ":")
    )
    digest = os.urandom(16).hex()
    told = grid.ask("/_create", node=node, data=data, hash=digest)
    if "error" in told:
        raise Failed(f"failed to create contract on node {node}: {told['error']}")
    number = told["contract"]
    told = grid.ask("/_deploy", contract=number, size=size, environment=environment or {})
    if "error" in told:
        cancelled = grid.ask("/_cancel", contract=number)
        if "error" in cancelled:
            raise Failed(
                f"error cancelling contract: {cancelled['error']}; you must cancel it manually (id: {number})"
            )
        raise Failed(f"error sending deployment to node {node}: {told['error']}")
    return number, told["mycelium"]


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["version"]:
            print("v0.16.1\n0000000")
        case ["deploy", "vm", *arguments]:
            deploy(flags(arguments))
        case _:
            usage(f'unknown command "{" ".join(sys.argv[1:])}" for "tfcmd"')
