"""tfrobot: many VMs at once, on nodes that it chooses itself, by a run of ThreeFold's own program.

One run is one batch of one group, with an entry for each VM, since each has variables of its own. What the group
asks of its nodes is what a choice of nodes can express: a region, certified ones. The configuration is that of
threefoldtech/tfgrid-sdk-go (tfrobot/pkg/deployer/types.go), within the bounds of its validators.
"""

import base64
import hashlib
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tfci.core.optional import present
from tfci.core.secret import Secret
from tfci.grid.drivers.threefold import error_classification, programs
from tfci.grid.drivers.threefold.tfcmd import ENTRYPOINT, LIMIT, ROOT, unfit
from tfci.grid.ports import Order, Refusal
from tfci.grid.reasons import BatchFailed, DeploymentTimeout

MAX_BATCH = 20  # VMs in one run: if one fails for good, all are canceled
RETRIES = 2  # of its own, each on other nodes
SMALLEST = 15 + ROOT  # GB of disk
LARGEST = 256  # GB of memory on one node
LONGEST = 26  # letters of a name, with what it appends
GROUP = re.compile(r"^\w+_[0-9a-f]{6}: ")  # before its message about a group
END = "_0"  # it numbers the VMs of an entry


class Tfrobot:
    """Deploys for one account. `program` was looked at by programs.locate()."""

    def __init__(self, program: str, network: str, image: str, mnemonic: Secret) -> None:
        self._program, self._network, self._image, self._mnemonic = program, network, image, mnemonic

    def deploy(self, orders: Sequence[Order]) -> dict[str, Mapping[str, str] | Refusal]:
        """The result for each; all of them ask for the same nodes. VMs that it does not report as up may exist
        nevertheless: what is left of them has to be looked for.

        Raises OutOfFunds, Unavailable or GridError where the fault is the account's or the chain's."""
        with programs.folder() as home:
            config = programs.write(home / "config.json", json.dumps(self._config(orders)))
            output = home / "output.json"
            command = [self._program, "deploy", "-c", str(config), "-o", str(output)]
            result = programs.run(command, home, {}, LIMIT)
            up = _up(output)
        if result.code == 0 or up:
            return {
                order.name: up.get(order.name) or _refused(order.name, "tfrobot did not tell of it")
                for order in orders
            }
        refusal = error_classification.refusal("", result, DeploymentTimeout("tfrobot", round(LIMIT)))
        return {order.name: _refused(order.name, GROUP.sub("", str(refusal.reason))) for order in orders}

    def _config(self, orders: Sequence[Order]) -> dict[str, Any]:
        group = f"{orders[0].name}_{secrets.token_hex(3)}"
        return {
            "mnemonic": " ".join(self._mnemonic.reveal().split()),
            "network": self._network,
            "node_groups": [_group(group, orders)],
            "vms": [self._entry(order, group) for order in orders],
            "ssh_keys": {"nobody": placeholder_key()},
            "max_retries": RETRIES,
        }

    def _entry(self, order: Order, group: str) -> dict[str, Any]:
        return {
            "name": order.name + END.removesuffix("0"),
            "vms_count": 1,
            "node_group": group,
            "cpu": order.cpu,
            "mem": order.memory / 1024,
            "ssd": [{"size": order.disk - ROOT, "mount_point": "/data"}],
            "root_size": ROOT,
            "mycelium_ip": True,
            "flist": order.image or self._image,
            "entry_point": ENTRYPOINT,
            "ssh_key": "nobody",
            "env_vars": {name: secret.reveal() for name, secret in order.environment.items()},
        }


def fits(order: Order) -> bool:
    """Whether tfrobot may be asked for it: any node of a kind will do, and it keeps within its bounds."""
    if order.within is None or unfit(order) or len(order.name) > LONGEST:
        return False
    return order.disk >= SMALLEST and order.memory <= LARGEST * 1024


def _group(name: str, orders: Sequence[Order]) -> dict[str, Any]:
    """Room for the largest of them on each node, as often as one node gets its turn."""
    memory, disk = max(order.memory for order in orders) / 1024, max(order.disk for order in orders)
    nodes = max(len({order.node_id for order in orders}), -(-len(orders) // int(LARGEST // memory)))
    each = -(-len(orders) // nodes)
    within = present(orders[0].within)
    return {
        "name": name,
        "nodes_count": nodes,
        "free_cpu": max(order.cpu for order in orders),
        "free_mru": memory * each,
        "free_ssd": disk * each,
        "region": within.region,
        "certified": within.certified,
    }


def _up(output: Path) -> dict[str, Mapping[str, str]]:
    """Addresses by VM, of those that its output names; {} where it wrote none."""
    try:
        output_json = json.loads(output.read_bytes())["OK"] or {}
        vms = [vm for group in output_json.values() for vm in group]
        return {vm["name"].removesuffix(END): {"mycelium": vm["mycelium_ip"]} for vm in vms}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}


def _refused(name: str, message: str) -> Refusal:
    """It does not report which node failed, and that was not the one that we chose."""
    return Refusal(name, BatchFailed("tfrobot", message), node_at_fault=False)


def placeholder_key() -> str:
    """A public key that it can read and whose other half nobody has: a digest in a key's place."""
    kind, digest = b"ssh-ed25519", hashlib.sha256(b"nobody's").digest()
    wire = b"".join(len(part).to_bytes(4, "big") + part for part in (kind, digest))
    return f"{kind.decode()} {base64.b64encode(wire).decode()} nobody"
