"""What is written beside a contract on the chain: which machine it is for, and whether it is its network's."""

import json
from hashlib import blake2b

from practice.chain.calls import CreateNodeContract

NETWORK, MACHINE = "network-light", "vm-light"
VERSIONS = {NETWORK: 4, MACHINE: 3}


def contract(kind: str, twin_id: int, name: str, node_id: int, number: int) -> CreateNodeContract:
    """`number` tells deployments of one name apart, whose hashes differ."""
    data = {"version": VERSIONS[kind], "type": kind, "name": name, "projectName": f"vm/{name}"}
    text = json.dumps(data, separators=(",", ":"))
    deployment = blake2b(f"{twin_id} {number} {text}".encode(), digest_size=16).hexdigest()
    return CreateNodeContract(node_id, deployment.encode(), text)


def read(text: str) -> tuple[str, str]:
    """(kind, name)."""
    data = json.loads(text)
    return data["type"], data["name"]
