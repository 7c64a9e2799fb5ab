"""Pools written as a tfrobot configuration. Pure; docs/tfrobot.md is its manual, pools/tfrobot/reader.py the way back.

Keys and bounds are those of tfrobot's own types and validators (threefoldtech/tfgrid-sdk-go 10e7b390,
tfrobot/pkg/deployer/types.go and tfrobot/internal/parser).
"""

import base64
import hashlib
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from runners.jobs.labels import NAMED, Size

NETWORKS = ("main", "test", "qa", "dev")
NAME = re.compile("[a-z0-9_]+")
MOST_CPU = 32
LEAST_GB, MOST_GB = 0.25, 256  # of memory
LEAST_DISK, MOST_ROOT = 15, 10240  # GB
KEY = "farmhand"  # the name that the one SSH key has in the file
BLOCK = "x-farmhand"  # the key of pools' own settings, which tfrobot passes over (pools/tfrobot/block.py)
Setting = str | int | bool | Sequence[str] | dict[str, int] | Sequence[Mapping[str, object]] | None
Settings = Mapping[str, Setting]


@dataclass(frozen=True, slots=True)
class Image:
    """What its VMs start from: an flist of the hub and the program in it."""

    flist: str
    entry_point: str


BASE = Image(
    "https://hub.grid.tf/tf-official-apps/base:latest.flist", "/sbin/zinit init"
)  # of tfrobot's example


@dataclass(frozen=True, slots=True)
class NodeGroup:
    """What a pool and a node group of tfrobot both say. `VMs`: how many of each size are kept. `settings`: the
    pool's own, where the file has them (pools/tfrobot/block.py)."""

    name: str
    vms: Mapping[Size, int]
    nodes: int = 1
    certified: bool = False
    region: str = ""
    settings: Settings | None = None


class Impossible(ValueError):
    """tfrobot can't be asked for that; str() is a sentence for a person."""


def write(
    groups: Sequence[NodeGroup],
    *,
    network: str = "",
    image: Image = BASE,
    ssh_key: str = "",
    notes: Iterable[str] = (),
) -> str:
    """YAML that tfrobot accepts, without a mnemonic: that comes by its environment, as the network does where none is
    named. Raises Impossible."""
    whole = CommentedMap(node_groups=[_group(group) for group in groups])
    whole["vms"] = [_vms(group, size, image) for group in groups for size in sorted(group.vms)]
    whole["ssh_keys"] = {KEY: ssh_key or placeholder()}
    if network in NETWORKS:
        whole["network"] = network
    if blocks := {group.name: dict(group.settings) for group in groups if group.settings}:
        whole[BLOCK] = blocks
    if above := "\n".join(notes):
        whole.yaml_set_start_comment(above)
    yaml, out = YAML(), io.StringIO()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 4096
    yaml.dump(whole, out)
    return out.getvalue()


def _group(group: NodeGroup) -> dict[str, Any]:
    """It needs nodes that are each as large as the fullest, for tfrobot deals VMs out one node after another."""
    for size in group.vms:
        if size.cpu > MOST_CPU or size.memory_gb > MOST_GB:
            most = f"{MOST_CPU} processors and {MOST_GB} GB of memory"
            raise Impossible(f"tfrobot deploys VMs of at most {most}, and {size} is larger.")
    nodes, memory, disk = _spread(group)
    return {
        "name": group.name,
        "nodes_count": nodes,
        "free_cpu": max(size.cpu for size in group.vms),
        "free_mru": memory,
        "free_ssd": disk,
        "certified": group.certified,
        **({"region": group.region} if group.region else {}),
    }


def _spread(group: NodeGroup) -> tuple[int, int, int]:
    """(nodes, memory, disk): the fewest nodes, from what the group asks for, none of which needs more memory than may
    be asked of one; and what the fullest of them needs, in GB."""
    each = [size for size in sorted(group.vms) for _ in range(group.vms[size])]
    for nodes in range(group.nodes, max(group.nodes, len(each)) + 1):
        memory, disk = [0] * nodes, [0] * nodes
        for size, node in zip(each, cycle(range(nodes)), strict=False):
            memory[node] += size.memory_gb
            disk[node] += size.disk_gb
        if max(memory) <= MOST_GB:
            break
    return nodes, max(memory), max(disk)


def _vms(group: NodeGroup, size: Size, image: Image) -> dict[str, Any]:
    return {
        "name": f"{word(size)}_",
        "vms_count": group.vms[size],
        "node_group": group.name,
        "cpu": size.cpu,
        "mem": size.memory_gb,
        **_disk(size.disk_gb),
        "mycelium_ip": True,
        "flist": image.flist,
        "entry_point": image.entry_point,
        "ssh_key": KEY,
    }


def _disk(disk_gb: int) -> dict[str, Any]:
    """A disk of its own where one may be so small; else the root file system has that size."""
    if disk_gb < LEAST_DISK:
        return {"root_size": disk_gb}
    return {"ssd": [{"size": disk_gb, "mount_point": "/data"}]}


def word(size: Size) -> str:
    """The shortest label that means it."""
    return next((name for name, known in NAMED.items() if known == size), str(size))


def placeholder() -> str:
    """A public key that tfrobot can read and whose other half nobody has: a digest in a key's place."""
    kind = b"ssh-ed25519"
    digest = hashlib.sha256(b"Put your own key here.").digest()
    wire = b"".join(len(part).to_bytes(4, "big") + part for part in (kind, digest))
    return f"{kind.decode()} {base64.b64encode(wire).decode()} put-your-own-key-here"


def group_name(name: str) -> str:
    """A pool's name in the letters that tfrobot allows."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:28] or "pool"
