"""What ThreeFold's programs do over the chain and the nodes: the world's side, and how a test gets the programs."""

import sys
from pathlib import Path

from tests.counterparts.threefold.world import LEAST, Refused

HERE = Path(__file__).parent
BUILT = "build\tvcs.time={day}T08:00:00Z"  # as Go leaves it in a program
ACTS = {}


def act(path):
    def keep(answer):
        ACTS[path] = answer
        return answer

    return keep


def install(folder: Path, url: str, *, day: str = "2026-03-01", name: str = "tfcmd") -> str:
    """A program that reaches the world at `url`, made on that day; its path."""
    path = folder / name
    source = HERE / f"{name}.py"
    path.write_text(
        f'#!/bin/sh\n# {BUILT.format(day=day)}\nWORLD={url} exec {sys.executable} -IS {source} "$@"\n'
    )
    path.chmod(0o755)
    return str(path)


@act("/_begin")
def begin(world, asked):
    """As grid-client's NewTFPluginClient: the chain, the account, its balance, its twin, whether it is verified."""
    account = world.of_words(asked["words"])
    if account is None:
        return {"fatal": f"mnemonic/seed '{asked['words']}' is invalid"}
    if account.free < LEAST:
        return {"fatal": f"account contains {account.free / 1e7:f} tft, min fee is 2 tft"}
    if not account.verified:
        please = "please visit https://dashboard.grid.tf/ to verify your account"
        why = f"user with twin id {account.twin_id} is not verified"
        return {"fatal": f"only verified users can deploy, {please}: {why}"}
    return {}


@act("/_create")
def create(world, asked):
    """A contract, once a block has it."""
    account = world.of_words(asked["words"])
    try:
        return {
            "contract": world.act(
                account, lambda: world.create(account, asked["node"], asked["data"], asked["hash"])
            )
        }
    except Refused as refused:
        return {"error": f"failed to create contract: {refused.data or refused}"}


@act("/_deploy")
def deploy(world, asked):
    """A node's answer to a deployment."""
    contract = world.contracts[asked["contract"]]
    if contract.node_id in world.faults.hanging:
        return {"hangs": True}
    if contract.node_id in world.faults.unreachable:
        return {"error": "error sending deployment to node: message response timeout"}
    try:
        return {"mycelium": world.deploy(asked["contract"], asked.get("size"), asked.get("environment", {}))}
    except Refused as refused:
        return {"error": refused.data}


@act("/_cancel")
def cancel(world, asked):
    account = world.of_words(asked["words"])
    try:
        world.act(account, lambda: world.cancel(account, asked["contract"]))
    except Refused as refused:
        return {"error": f"failed to cancel contract: {refused.data}"}
    return {}


@act("/_faults")
def faults(world, asked):
    return {
        "not_described": world.faults.not_described,
        "dies_after_network": world.faults.dies_after_network,
    }
