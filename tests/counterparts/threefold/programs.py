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
    """Contracts, all in one act (Utility.batch), once a block has them."""
    account = world.of_words(asked["words"])
    wanted = [(told["node"], told["data"], told["hash"]) for told in asked["contracts"]]
    try:
        return {"contracts": world.act(account, lambda: [world.create(account, *told) for told in wanted])}
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
    """All or none (Utility.batch_all)."""
    account = world.of_words(asked["words"])
    try:
        world.act(account, lambda: [world.cancel(account, number) for number in asked["contracts"]])
    except Refused as refused:
        return {"error": f"failed to cancel contract: {refused.data}"}
    return {}


@act("/_project")
def project(world, asked):
    """Contracts of a project, as the indexer has them: late, where it is late."""
    account = world.of_words(asked["words"])
    mine = [c for c in world.indexed().values() if c.stands and c.twin_id == account.twin_id]
    return {"contracts": [c.contract_id for c in mine if c.told["projectName"] == asked["project"]]}


@act("/_nodes")
def nodes(world, asked):
    """The first nodes that the proxy knows to fit, in the order of their numbers."""
    fit = [node["nodeId"] for node in world.nodes if _fits(world, node, asked)]
    return {"nodes": [number for number in fit if number not in asked["excluded"]][: asked["count"]]}


def _fits(world, node, asked):
    total, used = node["total_resources"], node["used_resources"]
    return (
        total["cru"] >= asked["cpu"]
        and world.free_memory(node["nodeId"]) >= asked["memory"] * 2**30
        and total["sru"] - used["sru"] >= asked["disk"] * 2**30
        and asked["region"].lower() in ("", node["region"].lower())
        and (not asked["certified"] or node["certificationType"] == "Certified")
    )


@act("/_faults")
def faults(world, asked):
    return {
        "not_described": world.faults.not_described,
        "dies_after_network": world.faults.dies_after_network,
    }
