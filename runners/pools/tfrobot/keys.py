"""The keys of a tfrobot configuration: how each is read, and what becomes of it. Pure.

Bounds are tfrobot's own (writer.py says where they stand); a sentence says what people should write instead.
"""

import math
import re
from collections.abc import Callable
from typing import TypeVar

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_ssh_public_key
from ruamel.yaml.nodes import Node, ScalarNode

from runners.pools.tfrobot import writer
from tfci.core.optional import present

Amount = TypeVar("Amount", int, float)

MOST_VMS = 1000


class Refuse(ValueError):
    """What is wrong with one value."""


# --- Readers of one value. Each raises Refuse. ------------------------------------------------------------------


def text(node: Node | None) -> str:
    if node is None:
        return ""
    if not isinstance(node, ScalarNode):
        raise Refuse("must be a text")
    return "" if present(node.tag).endswith(":null") else node.value.strip()


def needed(node: Node | None) -> str:
    if found := text(node):
        return found
    raise Refuse("must not be empty")


def _name(node: Node | None) -> str:
    found = needed(node)
    if not writer.NAME.fullmatch(found):
        raise Refuse("may have small letters, digits and underscores only")
    return found


def _number(node: Node | None) -> float:
    value = text(node)
    try:
        found = float(value) if value else 0.0
    except ValueError:
        raise Refuse(f"must be a number, not “{value[:40]}”") from None
    if not math.isfinite(found) or found < 0:
        raise Refuse("must be a number of 0 or more")
    return found


def whole(node: Node | None) -> int:
    found = _number(node)
    if found != int(found):
        raise Refuse("must be a whole number")
    return int(found)


def _between(
    kind: Callable[[Node | None], Amount], least: float, most: float, unit: str
) -> Callable[[Node | None], Amount]:
    def read_it(node: Node | None) -> Amount:
        found = kind(node)
        if not least <= found <= most:
            raise Refuse(f"must be from {least} to {most}{unit}")
        return found

    return read_it


def yes(node: Node | None) -> bool:
    value = text(node).lower()
    if value in ("", "false", "no", "off", "n"):
        return False
    if value in ("true", "yes", "on", "y"):
        return True
    raise Refuse("must be true or false")


def ssh_key(node: Node | None) -> str:
    return public_key(needed(node))


def public_key(text: str) -> str:
    """The text, once it is one public key. Raises Refuse."""
    try:
        load_ssh_public_key(text.strip().encode())
    except (ValueError, UnsupportedAlgorithm):
        raise Refuse("is not a public SSH key: keys start like ssh-ed25519 or ssh-rsa") from None
    return text.strip()


def _flist(node: Node | None) -> str:
    found = needed(node)
    if not re.fullmatch(r"https?://\S+\.(fl|flist)", found):
        raise Refuse("must be the address of an flist, with .flist or .fl at its end")
    return found


def _network(node: Node | None) -> str:
    found = text(node)
    if found and found not in writer.NETWORKS:
        raise Refuse(f"must be one of {', '.join(writer.NETWORKS)}")
    return found


_cpus = _between(whole, 1, writer.MOST_CPU, " processors")
_memory = _between(_number, writer.LEAST_GB, writer.MOST_GB, " GB")
_vms = _between(whole, 1, MOST_VMS, " VMs")
disk = _between(whole, writer.LEAST_DISK, 9999, " GB")
_root_size = _between(whole, 0, writer.MOST_ROOT, " GB")

# --- What becomes of a key: (reader, what happens to it, why) ----------------------------------------------------

NO_ADDRESS = "VMs have no public address: they connect out and are reachable over Mycelium"
NO_KEY = "members add their own keys and open debug access with them"
TOP = {
    "mnemonic": (text, "ignored", "Farmhand signs with its operator’s accounts; remove it from the file"),
    "network": (_network, "ignored", "each installation uses one grid"),
    "max_retries": (
        whole,
        "ignored",
        "if a node rejects the VM, Farmhand tries the next",
    ),
}
GROUP = {
    "name": (_name, "taken", "the pool’s name"),
    "nodes_count": (_between(whole, 1, MOST_VMS, " nodes"), "taken", "minimum number of nodes"),
    "free_cpu": (_cpus, "translated", "a node is chosen by what each VM needs"),
    "free_mru": (_memory, "translated", "a node is chosen by what each VM needs"),
    "free_ssd": (whole, "translated", "a node is chosen by what each VM needs"),
    "free_hdd": (whole, "ignored", "VMs have SSD only"),
    "dedicated": (yes, "ignored", "Farmhand does not rent whole nodes"),
    "public_ip4": (yes, "ignored", NO_ADDRESS),
    "public_ip6": (yes, "ignored", NO_ADDRESS),
    "certified": (yes, "taken", "whether nodes must be certified"),
    "region": (text, "taken", "only nodes of this region"),
}
VMS = {
    "name": (_name, "ignored", "Farmhand names its VMs"),
    "vms_count": (_vms, "taken", "number of VMs kept ready"),
    "node_group": (needed, "taken", "the pool that it belongs to"),
    "cpu": (_cpus, "taken", "processors"),
    "mem": (_memory, "taken", "GB of memory"),
    "root_size": (_root_size, "translated", "part of the one disk"),
    "public_ip4": (yes, "ignored", NO_ADDRESS),
    "public_ip6": (yes, "ignored", NO_ADDRESS),
    "ygg_ip": (yes, "ignored", NO_ADDRESS),
    "wireguard": (yes, "ignored", NO_ADDRESS),
    "mycelium_ip": (yes, "taken", "every VM has a Mycelium address"),
    "flist": (_flist, "ignored", "VMs start from Farmhand’s own image"),
    "entry_point": (needed, "ignored", "VMs start Farmhand’s own agent"),
    "ssh_key": (needed, "ignored", NO_KEY),
}
