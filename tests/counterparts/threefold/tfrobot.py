"""A stub of ThreeFold's tfrobot (threefoldtech/tfgrid-sdk-go, tfrobot), as a program of its own: `deploy` alone.

The order of its checks, their words, its retries and its output are the real one's: what a file asks wrongly is found
only once the chain has answered, a group that fails in the end is cancelled whole, and errors of that are swallowed.
"""

import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(__file__))  # as a program it finds no package of ours

from grid_client import Failed, Grid, fatal, info, sent, written  # noqa: E402

NAME = re.compile(r"^[a-z0-9_]+$")
NETWORKS = ("dev", "test", "qa", "main")


def arguments(given):
    told = dict(zip(given[::2], given[1::2], strict=False))
    if len(given) % 2 or not {"-c", "-o"} >= told.keys():
        print("Error: unknown flag\nUsage:\n  tfrobot deploy [flags]\n", file=sys.stderr)
        fatal("unknown flag")
    if "-c" not in told:
        fatal("required configuration file path is empty")
    return told["-c"], told.get("-o", "output.yaml")


def read(path):
    """What can be checked without a chain."""
    if not path.endswith(".json"):
        fatal(f"unsupported configuration file format '{path}', should be [yaml, yml, json]")
    wrong = f"failed to parse configuration file '{path}' with error: "
    try:
        with open(path) as file:
            told = json.load(file)
    except OSError:
        fatal(
            f"failed to open configuration file '{path}' with error: open {path}: no such file or directory"
        )
    words, network = (told.get(name) or os.environ.get(name.upper(), "") for name in ("mnemonic", "network"))
    if not words:
        fatal(wrong + "could not find valid MNEMONIC")
    if network not in NETWORKS:
        fatal(f"{wrong}invalid network: '{network}', network can be one of {list(NETWORKS)}")
    for group in told["node_groups"]:
        if not NAME.match(group["name"]):
            fatal(f"{wrong}node group name: '{group['name']}' is invalid, should be lowercase alphanumeric")
    return told, words


def check(grid, told, path):
    """What is only looked at once the chain has answered."""
    why = next(filter(None, _wrongs(grid, told)), None)
    if why:
        fatal(f"failed to validate configuration file '{path}' with error: {why}")


def _wrongs(grid, told):
    (group,) = told["node_groups"]
    yield None if group["free_cpu"] <= 32 else "FreeCPU should be at most 32"
    yield None if 0.25 <= group["free_mru"] <= 256 else "FreeMRU should be between 0.25 and 256"
    yield from (
        None if key.split()[0].startswith("ssh-") else "ssh key is invalid"
        for key in told["ssh_keys"].values()
    )
    if grid.ask("/_project", project=f"vm/{group['name']}")["contracts"]:
        yield f"node group name: '{group['name']}' is invalid, should be unique name across all deployments"
    for vm in told["vms"]:
        yield None if NAME.match(vm["name"]) else f"vms group name: '{vm['name']}' is invalid"
        yield None if vm["ssh_key"] in told["ssh_keys"] else f"vms group '{vm['name']}' ssh key is not found"
        yield (
            None if vm["flist"].endswith((".fl", ".flist")) else f"invalid flist for vms group '{vm['name']}'"
        )
        yield None if vm["node_group"] == group["name"] else f"node group: '{vm['node_group']}' is not found"
        yield (
            None
            if vm["cpu"] <= group["free_cpu"]
            else f"cannot find enough cpu in node group '{group['name']}'"
        )
        yield from (None if disk["size"] >= 15 else "Size should be at least 15" for disk in vm["ssd"])
    memory = sum(vm["mem"] for vm in told["vms"])
    disk = sum(vm["root_size"] + sum(disk["size"] for disk in vm["ssd"]) for vm in told["vms"])
    yield (
        None
        if memory <= group["free_mru"] * group["nodes_count"]
        else "cannot find enough memory in node group"
    )
    yield None if disk <= group["free_ssd"] * group["nodes_count"] else "cannot find enough ssd in node group"


def deploy(path, output):
    told, words = read(path)
    grid = Grid(words)
    grid.ask("/_begin", network="")
    check(grid, told, path)
    (group,) = told["node_groups"]
    info(f"Running deployment Node group={group['name']}")
    try:
        up, why = _group(grid, group, told["vms"], told.get("max_retries") or 5), None
    except Failed as error:
        grid.ask("/_cancel", contracts=grid.ask("/_project", project=f"vm/{group['name']}")["contracts"])
        up, why = [], f"{group['name']}: {error}"
    if up and grid.ask("/_faults")["not_described"]:
        up, why = [], f"{group['name']}: failed to load deployments"
    document = json.dumps({"OK": {group["name"]: up} if up else None}, indent=2)
    print(document)
    with open(output, "w") as file:
        file.write(document)
    if why:
        print("\x1b[90m10:00AM\x1b[0m \x1b[31mERR\x1b[0m deployments failed with errors: ", file=sys.stderr)
        print(f"1 error occurred:\n\t* {why}\n")
        sys.exit(1)


def _group(grid, group, vms, retries):
    """Each machine with its own network, on the found nodes in turn; those that fail once more, on other nodes."""
    open_, up, excluded, count = list(vms), [], [], group["nodes_count"]
    for _ in range(retries + 1):
        nodes = _nodes(grid, group, count, excluded)
        placed = [(vm, nodes[at % len(nodes)]) for at, vm in enumerate(open_)]
        outcome = _all(grid, group["name"], placed)
        up += [one for one in outcome.values() if isinstance(one, dict)]
        failed = [(vm, node) for vm, node in placed if isinstance(outcome[vm["name"]], Failed)]
        if not failed:
            return up
        why = outcome[failed[0][0]["name"]]
        open_, blocked = [vm for vm, _ in failed], {node for _, node in failed}
        excluded, count = [*excluded, *blocked], len(blocked)
    raise why


def _nodes(grid, group, count, excluded):
    asked = {
        "cpu": group["free_cpu"],
        "memory": group["free_mru"],
        "disk": group["free_ssd"],
        "region": group["region"],
    }
    nodes = grid.ask("/_nodes", count=count, excluded=excluded, certified=group["certified"], **asked)[
        "nodes"
    ]
    if len(nodes) < count or not nodes:
        raise Failed("could not find enough nodes, no nodes match the resources")
    return nodes


def _all(grid, project, placed):
    """By machine: what the output says of it, or Failed. All networks are one act, all machines another."""
    networks = [written(project, node, f"{vm['name']}0_network", "network-light") for vm, node in placed]
    machines = [written(project, node, f"{vm['name']}0", "vm-light") for vm, node in placed]
    first, second = grid.ask("/_create", contracts=networks), grid.ask("/_create", contracts=machines)
    if "error" in first or "error" in second:
        raise Failed(first.get("error") or second["error"])
    pairs = zip(placed, first["contracts"], second["contracts"], strict=True)
    return {vm["name"]: _one(grid, vm, node, *numbers) for (vm, node), *numbers in pairs}


def _one(grid, vm, node, network, machine):
    name, size = (
        f"{vm['name']}0",
        [vm["cpu"], round(vm["mem"] * 1024), vm["root_size"] + vm["ssd"][0]["size"]],
    )
    environment = {**vm["env_vars"], "SSH_KEY": "ssh-ed25519"}
    try:
        sent(grid, node, network, None, None)
        address = sent(grid, node, machine, size, environment)
    except Failed as why:
        for number in (network, machine):  # one of them is cancelled already
            grid.ask("/_cancel", contracts=[number])
        return why
    mounts = [{"name": f"{name}_disk0", "mount_point": "/data"}]
    empty = dict.fromkeys(("public_ip4", "public_ip6", "ygg_ip"), "")
    told = {
        "name": name,
        "network_name": f"{name}_network",
        "mycelium_ip": address,
        "ip": "10.20.2.2",
        "mounts": mounts,
    }
    return told | empty | {"node_id": node, "contract_id": machine}


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["deploy", *given]:
            deploy(*arguments(given))
        case _:
            fatal(f'unknown command "{" ".join(sys.argv[1:])}" for "tfrobot"')
