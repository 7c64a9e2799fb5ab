"""Why a node is not used: for a pool, or for one size of VM."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tfci.core.tft import Tft


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


# what a node is, whatever happens on it: nothing but a change of the pool, the prices or the grid makes it fit
PERMANENT = frozenset(
    {
        NodeCode.NOT_CHOSEN,
        NodeCode.NOT_CERTIFIED,
        NodeCode.DEDICATED,
        NodeCode.OPTED_OUT,
        NodeCode.TOO_FEW_CPUS,
        NodeCode.TOO_LITTLE_MEMORY,
        NodeCode.TOO_LITTLE_DISK,
        NodeCode.TOO_DEAR,
    }
)

TEXTS: Mapping[NodeCode, str] = {
    NodeCode.NOT_CHOSEN: "not among the nodes that the pool chose",
    NodeCode.DRAINED: "drained: the team lets no machine start there",
    NodeCode.NOT_CERTIFIED: "not certified",
    NodeCode.DEDICATED: "dedicated: it is rented as a whole or not at all",
    NodeCode.OPTED_OUT: "taken off this chain by its farmer",
    NodeCode.TOO_FEW_CPUS: "fewer than {number} processors",
    NodeCode.TOO_LITTLE_MEMORY: "less than {number} GB of memory",
    NodeCode.TOO_LITTLE_DISK: "less than {number} GB of disk",
    NodeCode.TOO_DEAR: "dearer than {price} TFT an hour",
    NodeCode.LOW_SUCCESS: "only {number} % of our machines came up on it",
    NodeCode.RENTED: "rented as a whole by somebody else",
    NodeCode.DOWN: "down",
    NodeCode.UNHEALTHY: "up, but not healthy",
    NodeCode.SET_ASIDE: "set aside for a while after a failure",
    NodeCode.MEMORY_IN_USE: "less than {number} GB of memory free",
    NodeCode.DISK_IN_USE: "less than {number} GB of disk free",
}


@dataclass(frozen=True, slots=True)
class Out:
    """Why one node is out. `number`: the size that it lacks (processors, GB), a percentage, or a limit in 1e-7 TFT."""

    code: NodeCode
    number: int = 0

    @property
    def permanent(self) -> bool:
        return self.code in PERMANENT

    def __str__(self) -> str:
        return TEXTS[self.code].format(number=self.number, price=Tft(self.number))
