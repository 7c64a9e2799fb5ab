"""The two kinds of VMs, those for jobs and those of servers: which states each goes through, and what its agent carries
out. The only place that tells them apart by what they do."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from runners.engine import State
from runners.models import VM
from runners.servers import lifecycle as server_lifecycle, runs
from runners.vms import lifecycle, orders


class Work(Protocol):
    """What a VM's agent carries out, one order after the other."""

    def order(self, vm: VM, now: datetime) -> dict[str, Any] | None: ...

    def started(self, vm: VM, number: int, at: datetime) -> None: ...

    def ended(self, vm: VM, report: dict[str, Any], now: datetime) -> bool: ...

    def abandoned(self, vm: VM, cause: str, message: str, now: datetime) -> bool: ...


@dataclass(frozen=True, slots=True)
class VmKind:
    states: Mapping[str, State]
    work: Work


FOR_JOBS = VmKind(lifecycle.STATES, orders)
OF_A_SERVER = VmKind(server_lifecycle.STATES, runs)


def kind(vm: VM) -> VmKind:
    return OF_A_SERVER if vm.server_id else FOR_JOBS
