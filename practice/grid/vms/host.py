"""What this host has to give, cut into nodes: several, so that choosing one and losing one can be tried."""

import os
import resource
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from practice.grid.landscape import GIB, Farm, Node
from practice.grid.places import Place

MIB = 2**20
SMALL = 8.25 * GIB  # a small machine, and what QEMU takes beside its memory
DISK = 60 * GIB  # that a node shows at least: room for a small machine, of which most write a little
MAX_NODES = 4  # nodes that are made without being asked for
HERE = Place("Local", "This computer", "This computer", None, None, 1)
FEATURES = ("zmachine", "network", "zmount")


@dataclass(frozen=True)
class Size:
    """What one node has: threads, bytes of memory and of disk."""

    cpu: int
    memory: int
    disk: int

    @classmethod
    def parse(cls, text: str) -> "Size":
        """From threads, MiB and GiB with commas between. Raises ValueError."""
        cpu, memory, disk = map(int, text.split(","))
        return cls(cpu, memory * MIB, disk * GIB)


def count() -> int:
    """As many nodes as can each carry a small machine, one at least."""
    return int(max(1, min(MAX_NODES, _memory() * (1 - RESERVED) // SMALL)))


RESERVED = 0.15  # of the memory, for the host itself and for what QEMU takes beside its machines'


def nodes(number: int, folder: Path, emulated: bool, size: Size | None = None) -> dict[int, Node]:
    """This host as `number` nodes, of this size or with what is there: memory is shared out; disks are thin, so each
    node shows what is free in `folder` now, or DISK where that is less (guard.py watches the host's); every node has
    all the processors."""
    how = "software emulation, slow for heavy jobs" if emulated else "with KVM"
    farm = Farm(1, f"This computer, {how}", HERE, certified=False, dedicated=False)
    disk = max(shutil.disk_usage(folder).free, DISK)
    size = size or Size(os.cpu_count() or 1, _memory() // number, disk)
    return {node_id: _node(node_id, farm, size) for node_id in range(1, number + 1)}


def _node(node_id: int, farm: Farm, size: Size) -> Node:
    return Node(
        node_id=node_id,
        farm=farm,
        cru=size.cpu,
        mru=size.memory,
        sru=size.disk,
        hru=0,
        used_cru=0,
        used_mru=int(size.memory * RESERVED),
        used_sru=int(size.disk * RESERVED),
        features=FEATURES,
        age=int(time.clock_gettime(time.CLOCK_BOOTTIME)),
        up=True,
        healthy=True,
    )


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def swaps() -> bool:
    """Whether the host may write memory to a disk."""
    return len(Path("/proc/swaps").read_text().splitlines()) > 1


def locks(size: int) -> bool:
    """Whether we may lock this many bytes of memory."""
    most = resource.getrlimit(resource.RLIMIT_MEMLOCK)[0]
    return os.geteuid() == 0 or most == resource.RLIM_INFINITY or most >= size
