"""What the stubs of ThreeFold's programs share, as the real ones share grid-client: their words on standard error, the
way to the chain and to nodes, and a deployment with its contract."""

import json
import os
import sys
import time
from http.client import HTTPConnection
from urllib.parse import urlsplit

NOW = "10:00AM"


class Failed(Exception):
    """A deployment did not come about."""


def fatal(why):
    print(
        f'\x1b[90m{NOW}\x1b[0m \x1b[31mFTL\x1b[0m \x1b[36merror=\x1b[0m\x1b[31m"{why}"\x1b[0m',
        file=sys.stderr,
    )
    sys.exit(1)


def info(text):
    print(f"\x1b[90m{NOW}\x1b[0m \x1b[32mINF\x1b[0m {text}", file=sys.stderr)


def hang():
    """For as long as somebody waits for it."""
    waits = os.getppid()
    while os.getppid() == waits:
        time.sleep(1)


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
            hang()
        if "fatal" in told:
            fatal(told["fatal"])
        return told


def contract(grid, project, node, called, kind, size=None, environment=None):
    """A contract and its deployment on the node: (number, address). Cancelled where the node does not take it."""
    told = grid.ask("/_create", contracts=[written(project, node, called, kind)])
    if "error" in told:
        raise Failed(f"failed to create contract on node {node}: {told['error']}")
    (number,) = told["contracts"]
    return number, sent(grid, node, number, size, environment)


def written(project, node, called, kind):
    """What the chain is told of a deployment."""
    version = 4 if kind == "network-light" else 3
    told = {"version": version, "type": kind, "name": called, "projectName": f"vm/{project}"}
    return {"node": node, "data": json.dumps(told, separators=(",", ":")), "hash": os.urandom(16).hex()}


def sent(grid, node, number, size, environment):
    """Its address on the node; cancelled where the node does not take it."""
    told = grid.ask("/_deploy", contract=number, size=size, environment=environment or {})
    if "error" in told:
        cancelled = grid.ask("/_cancel", contracts=[number])
        if "error" in cancelled:
            why = f"error cancelling contract: {cancelled['error']}"
            raise Failed(f"{why}; you must cancel it manually (id: {number})")
        raise Failed(f"error sending deployment to node {node}: {told['error']}")
    return told["mycelium"]
