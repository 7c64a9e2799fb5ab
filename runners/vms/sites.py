"""Where a VM would go and what that costs, and who can tell. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

from billing.spending.limit import LimitRoom
from runners.reasons.waits import WaitReason
from runners.vms.placement import NodeCapacity
from tfci.core.tft import Tft


@dataclass(frozen=True, slots=True)
class VmSite:
    """Where a VM would go, and what it costs there an hour."""

    node: NodeCapacity
    per_hour: Tft


@dataclass(frozen=True, slots=True)
class Budget:
    """Of a team: what of its balance, or of its own twin, may be promised to new VMs, below 0 where what runs is not
    covered; what it has and the operator's limits of that; what its own spending limits leave."""

    left: Tft
    vms: int = 0
    per_hour: Tft = Tft(0)  # noqa: RUF009 - an immutable number
    max_vms: int | None = None
    max_per_hour: Tft | None = None
    limits: LimitRoom = field(default_factory=LimitRoom)
    on_own_twin: bool = False


class Supply(Protocol):
    """What grid and wallet have. find() changes nothing, take() gives the site away."""

    @property
    def budget(self) -> Budget: ...

    def find(self, pool_id: int, size: str) -> VmSite | WaitReason: ...

    def take(self, pool_id: int, size: str) -> VmSite | WaitReason: ...

    def after(
        self, pool_id: int, size: str, node_id: int, freed: Iterable[str], promised: Iterable[str]
    ) -> VmSite | None:
        """The site that it would have on that node (our row's id) once VMs of the sizes in `freed` are gone from there
        and those in `promised` have come; None where it still has none."""
