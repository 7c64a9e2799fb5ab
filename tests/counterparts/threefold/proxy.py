"""What the proxy answers: nodes and farms as tests/counterparts/gridproxy has them, with what the world's machines
take; and contracts with their bills, as far as it has read the chain."""

import json
from urllib.parse import parse_qsl, urlsplit

from tests.counterparts.gridproxy import params

CONTRACTS = {
    "contract_id",
    "twin_id",
    "node_id",
    "type",
    "state",
    "size",
    "page",
    "sort_by",
    "sort_order",
    "ret_count",
}
SORTED = {"twin_id", "contract_id", "type", "state", "created_at"}


def answer(world, target):
    """(status, headers, body)."""
    url = urlsplit(target)
    asked = parse_qsl(url.query, keep_blank_values=True)
    try:
        if url.path in ("/nodes", "/farms"):
            return _listed(url.path, _nodes(world) if url.path == "/nodes" else world.farms, asked)
        if url.path == "/contracts":
            return _told(_contracts(world, dict(asked)))
        if url.path == "/api/v1/status":
            return _verification(world, dict(asked))
        if url.path.startswith("/contracts/") and url.path.endswith("/bills"):
            return _told(_bills(world, int(url.path.split("/")[2]), dict(asked)))
    except ValueError as error:
        return 400, {"Content-Type": "application/json"}, json.dumps({"error": str(error)}).encode()
    return 404, {}, b"404 page not found\n"


def _verification(world, asked):
    """As the service for KYC has it, which stands at an address of its own."""
    twin = world.state.twins.get(int(asked["twin_id"]))
    person = world.people.get(twin.account) if twin else None
    if person is None or not person.verified:
        return (
            404,
            {"Content-Type": "application/json"},
            json.dumps({"error": "Verification not found"}).encode(),
        )
    result = {"final": True, "idenfyRef": "a1", "clientId": person.key.ss58_address, "status": "VERIFIED"}
    return _told({"result": result})


def _told(rows):
    return 200, {"Content-Type": "application/json"}, json.dumps(rows).encode()


def _listed(path, rows, query):
    asked = params.read(path, query)
    headers, page = params.page(params.order([row for row in rows if params.keeps(row, asked)], asked), asked)
    return 200, {"Content-Type": "application/json", **headers}, json.dumps(page).encode()


def _nodes(world):
    taken = {}
    for node_id, size in world.sizes():
        memory, disk = taken.get(node_id, (0, 0))
        taken[node_id] = memory + size[1] * 2**20, disk + size[2] * 2**30
    return [_node(node, *taken.get(node["nodeId"], (0, 0))) for node in world.nodes]


def _node(node, memory, disk):
    used = node["used_resources"]
    return node | {"used_resources": used | {"mru": used["mru"] + memory, "sru": used["sru"] + disk}}


def _contracts(world, asked):
    if unknown := set(asked) - CONTRACTS:
        raise ValueError(f"failed to parse query params: invalid path {unknown.pop()!r}")
    if asked.get("sort_by", "contract_id") not in SORTED:
        raise ValueError("invalid sort by field")
    states = {state.lower() for state in asked.get("state", "").split(",") if state}
    rows = [_contract(contract) for contract in world.indexed().values()]
    rows = [row for row in rows if not states or row["state"].lower() in states]
    rows = [row for row in rows if asked.get("twin_id") in (None, str(row["twin_id"]))]
    rows.sort(key=lambda row: row["contract_id"], reverse=asked.get("sort_order") == "desc")
    return _page(rows, asked)


def _contract(contract):
    details = {"nodeId": contract.node_id, "deployment_data": contract.data, "deployment_hash": contract.hash}
    return {
        "contract_id": contract.contract_id,
        "twin_id": contract.twin_id,
        "state": contract.state,
        "created_at": contract.created,
        "type": "node",
        "details": details | {"number_of_public_ips": 0, "farm_name": "", "farm_id": 1},
    }


def _bills(world, number, asked):
    contract = world.indexed().get(number)
    return _page(list(reversed(contract.bills)) if contract else [], asked)


def _page(rows, asked):
    size, page = int(asked.get("size", 50)), int(asked.get("page", 1))
    return rows[(page - 1) * size : page * size]
