"""What ThreeFold's programs do over the chain and the nodes: the world's side, and how a test gets the programs."""

import json
import sys
from pathlib import Path

from practice.chain.calls import Batch, BatchAll, CancelContract, CreateNodeContract
from practice.chain.events import ContractCreated
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
    person = world.of_words(asked["words"])
    if person is None:
        return {"fatal": f"mnemonic/seed '{asked['words']}' is invalid"}
    free = world.account(person).free
    if free < LEAST:
        return {"fatal": f"account contains {free / 1e7:f} tft, min fee is 2 tft"}
    if not person.verified:
        please = "please visit https://dashboard.grid.tf/ to verify your account"
        why = f"user with twin id {world.twin_id(person)} is not verified"
        return {"fatal": f"only verified users can deploy, {please}: {why}"}
    return {}


@act("/_create")
def create(world, asked):
    """Contracts, all in one act (Utility.batch), once a block has them."""
    wanted = [
        CreateNodeContract(told["node"], told["hash"].encode(), told["data"]) for told in asked["contracts"]
    ]
    try:
        told = world.act(world.of_words(asked["words"]), Batch(tuple(wanted)))
        made = [event.contract.contract_id for event in told if isinstance(event, ContractCreated)]
        return {"contracts": made}
    except Refused as refused:
        return {"error": f"failed to create contract: {refused.data or refused}"}


@act("/_deploy")
def deploy(world, asked):
    """A node's answer to a deployment."""
    node_id = world.state.contracts[asked["contract"]].node_id
    if node_id in world.faults.hanging:
        return {"hangs": True}
    if node_id in world.faults.unreachable:
        return {"error": "error sending deployment to node: message response timeout"}
    try:
        return {"mycelium": world.deploy(asked["contract"], asked.get("size"), asked.get("environment", {}))}
    except Refused as refused:
        return {"error": refused.data}


@act("/_cancel")
def cancel(world, asked):
    """All or none (Utility.batch_all)."""
    cancels = tuple(CancelContract(number) for number in asked["contracts"])
    try:
        world.act(world.of_words(asked["words"]), BatchAll(cancels))
    except Refused as refused:
        return {"error": f"failed to cancel contract: {refused.data}"}
    return {}


@act("/_project")
def project(world, asked):
    """Contracts of a project, as the indexer has them: late, where it is late."""
    twin_id = world.twin_id(world.of_words(asked["words"]))
    mine = [c for c in world.indexed().values() if c.state != "Deleted" and c.twin_id == twin_id]
    of_project = [c for c in mine if json.loads(c.data)["projectName"] == asked["project"]]
    return {"contracts": [c.contract_id for c in of_project]}


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
