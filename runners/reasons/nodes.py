"""Why a node is not used: for a pool, or for one size of VM."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from tfci.core.reasons import Owner, Reason
from tfci.core.tft import Tft
from tfci.core.translation import translated


class NodeCode(StrEnum):
    NOT_CHOSEN = "not_chosen"
    DRAINED = "drained"
    NOT_CERTIFIED = "not_certified"
    DEDICATED = "dedicated"
    OPTED_OUT = "opted_out"
    TOO_FEW_CPUS = "too_few_cpus"
    TOO_LITTLE_MEMORY = "too_little_memory"
    TOO_LITTLE_DISK = "too_little_disk"
    TOO_DEAR = "too_dear"
    LOW_SUCCESS = "low_success"
    RENTED = "rented"
    DOWN = "down"
    UNHEALTHY = "unhealthy"
    SET_ASIDE = "set_aside"
    MEMORY_IN_USE = "memory_in_use"
    DISK_IN_USE = "disk_in_use"


@dataclass(frozen=True, slots=True)
class NodeReason(Reason):
    """`number`: the size that the node lacks (processors, GB), a percentage, or a limit in 1e-7 TFT. `permanent`: it is
    what the node is, whatever happens on it; nothing but a change of the pool, the prices or the grid makes it fit."""

    known: ClassVar[dict[str, "type[NodeReason]"]] = {}
    owner: ClassVar[Owner] = Owner.GRID
    permanent: ClassVar[bool] = False
    number: int = 0


class NotChosen(NodeReason):
    code = NodeCode.NOT_CHOSEN
    owner = Owner.TEAM
    permanent = True
    sentence = translated("not selected by the pool")


class Drained(NodeReason):
    code = NodeCode.DRAINED
    owner = Owner.TEAM
    sentence = translated("drained: the team lets no VM start on it")


class NotCertified(NodeReason):
    code = NodeCode.NOT_CERTIFIED
    owner = Owner.TEAM
    permanent = True
    sentence = translated("not certified")


class Dedicated(NodeReason):
    code = NodeCode.DEDICATED
    permanent = True
    sentence = translated("dedicated: it can only be rented as a whole")


class OptedOut(NodeReason):
    code = NodeCode.OPTED_OUT
    permanent = True
    sentence = translated("taken off this chain by its farmer")


class TooFewCpus(NodeReason):
    code = NodeCode.TOO_FEW_CPUS
    permanent = True
    sentence = translated("fewer than {number} CPUs")


class TooLittleMemory(NodeReason):
    code = NodeCode.TOO_LITTLE_MEMORY
    permanent = True
    sentence = translated("less than {number} GB of memory")


class TooLittleDisk(NodeReason):
    code = NodeCode.TOO_LITTLE_DISK
    permanent = True
    sentence = translated("less than {number} GB of disk")


class NodeTooDear(NodeReason):
    code = NodeCode.TOO_DEAR
    owner = Owner.TEAM
    permanent = True
    sentence = translated("more than {limit} TFT/h")

    def __str__(self) -> str:
        return self.sentence.format(limit=Tft(self.number))


class LowSuccess(NodeReason):
    code = NodeCode.LOW_SUCCESS
    owner = Owner.TEAM
    sentence = translated("only {number} % of our VMs started on it")


class Rented(NodeReason):
    code = NodeCode.RENTED
    sentence = translated("rented by someone else")


class Down(NodeReason):
    code = NodeCode.DOWN
    sentence = translated("down")


class Unhealthy(NodeReason):
    code = NodeCode.UNHEALTHY
    sentence = translated("up, but not healthy")


class SetAside(NodeReason):
    code = NodeCode.SET_ASIDE
    sentence = translated("set aside for a while after a failure")


class MemoryInUse(NodeReason):
    code = NodeCode.MEMORY_IN_USE
    sentence = translated("less than {number} GB of memory free")


class DiskInUse(NodeReason):
    code = NodeCode.DISK_IN_USE
    sentence = translated("less than {number} GB of disk free")


def read(code: str, number: int = 0) -> NodeReason:
    """As the reason of a wait stored it."""
    return NodeReason.known[code](number)
