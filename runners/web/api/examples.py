"""What the API's description shows as examples: numbers, filters and bodies that make sense together.

A test sends each of them to the product: tests/pages/test_api_examples.py.
"""

from typing import Any

# path parameter of a resource -> the number, or the month, that it has in examples
NUMBERS: dict[str, int | str] = {
    "connections": 1,
    "pools": 2,
    "nodes": 1382,
    "jobs": 12,
    "vms": 7,
    "servers": 4,
    "limits": 3,
    "statements": "2026-06",
}
OTHER_NUMBERS = {"cancel_job": 13, "retire_vm": 8}  # a job that runs; a VM that runs none
QUERIES: dict[str, dict[str, Any]] = {
    "list_nodes": {"country": "Belgium", "min_ram": 8},
    "list_jobs": {"state": "in_progress", "repository": "acme/app"},
    "list_vms": {"state": "busy"},
    "list_events": {"vm": 7},
    "list_ledger": {"kind": "charge"},
    "list_spend": {"group_by": "day"},
    "rehearse_pool": {"jobs": 3, "size": "medium"},
}
TFROBOT = """\
node_groups:
  - {name: europe, nodes_count: 1, free_cpu: 2, free_mru: 8, free_ssd: 40, region: europe}
vms:
  - name: worker
    vms_count: 2
    node_group: europe
    cpu: 1
    mem: 4
    root_size: 20
    flist: https://hub.grid.tf/tf-official-apps/base:latest.flist
    entry_point: /sbin/zinit init
    ssh_key: ada
ssh_keys:
  ada: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGKSnOnR6ySZBVQ8T5sGgyfH1HRNBuDr0Kd5Wm9ZXb1L ada
"""
BODIES: dict[str, dict[str, Any]] = {
    "create_connection": {
        "forge": "gitea",
        "url": "https://git.example.org",
        "name": "kestrel",
        "token": "the token that you made there",
    },
    "change_connection": {"way": "poll"},
    "make_pool": {
        "name": "heavy",
        "connections": [1],
        "nodes": {"countries": ["Belgium"], "rule": {"max_price": "3"}},
        "sizes": ["small", "large"],
        "max_vms": 20,
    },
    "change_pool": {"max_vms": 30},
    "import_pools": {"tfrobot": TFROBOT, "name": "robots", "dry_run": True},
    "make_server": {
        "name": "code",
        "app": "gitea",
        "size": "2cpu4gbram20gbssd",
        "answers": {"admin": "ada", "email": "ada@example.org"},
    },
    "make_limit": {"scope": "pool", "pool": 2, "period": "day", "amount": "25"},
    "change_limit": {"amount": "40"},
    "open_debug_access": {"person": "ada@example.org", "minutes": 15},
}


def put_into(operation: dict[str, Any]) -> None:
    """Give an operation of the OpenAPI description its examples."""
    name = operation["operationId"]
    number = OTHER_NUMBERS.get(name) or NUMBERS.get(operation["tags"][0])
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "path":
            parameter["example"] = number
        elif (value := QUERIES.get(name, {}).get(parameter["name"])) is not None:
            parameter["example"] = value
    if name in BODIES:
        operation["requestBody"]["content"]["application/json"]["example"] = BODIES[name]
