"""The input of plans, jobs and VMs as their rows have them, and the plan of a pool. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from runners.reasons.vms import VmReason
from runners.reasons.waits import GridRefused, WaitReason
from runners.vms.sites import VmSite
from tfci.core.tft import Tft

COMING = ("refreshing", "booting", "deploying", "wanted")  # most advanced first
GIVEN = "assigned"  # registered for a label set, and no job on it yet
READY = "standby"
REMOVING = "removing"
UNPLACED = "unplaced"  # wanted, and refused by its node: it holds nothing until it is placed again


@dataclass(frozen=True, slots=True)
class Demand:
    """One queued job that may have a VM now, or one that was `refused` for lack of a node that fits. `scopes`: those of
    the VMs that it may get (trust.py), which stand by for fewest others first. `clearing_node`: the grid's number of a
    node that idle VMs leave for it, `clearing_until` then. `awaits`: whether a VM stood for it already, which it keeps
    where its team's spending limit is reached meanwhile."""

    job_id: int
    connection_id: int
    label_key: str
    size: str
    since: datetime
    scopes: tuple[str, ...] = ("",)
    refused: bool = False
    clearing_node: int = 0
    clearing_until: str = ""
    repository: str = ""
    awaits: bool = False


@dataclass(frozen=True, slots=True)
class PoolVM:
    """One VM that is not gone. `connection_id` and `label_key` once it is bound; `outdated`: why the pool would not
    make it so any more; `per_hour`: what is kept of the balance for it; `refused`: why an UNPLACED one is not placed
    again yet; `node_id`: the row of the node that it is on."""

    id: int
    size: str
    state: str
    since: datetime  # in this state
    connection_id: int | None = None
    label_key: str | None = None
    leaving: bool = False  # told to retire already
    scope: str = ""
    outdated: VmReason | None = None
    per_hour: Tft = Tft(0)  # noqa: RUF009 - an immutable number
    refused: GridRefused | None = None
    node_id: int | None = None


@dataclass(frozen=True, slots=True)
class PoolLimits:
    max_vms: int
    min_vms: Mapping[str, int]  # size -> VMs standing by or on their way, beyond demand
    linger: timedelta


@dataclass(frozen=True, slots=True)
class PoolSeen:
    id: int
    demands: Sequence[Demand]
    vms: Sequence[PoolVM]
    limits: PoolLimits


@dataclass(frozen=True, slots=True)
class Start:
    """One VM to start. `vm_id`: of one that another node refused; None for a new one. `job_id`: None where it is kept
    ready."""

    size: str
    site: VmSite
    vm_id: int | None = None
    job_id: int | None = None


@dataclass(slots=True)
class Plan:
    """Of one pool."""

    bind: dict[int, Demand] = field(default_factory=dict)  # VM id -> the job it is registered for
    start: list[Start] = field(default_factory=list)
    retire: dict[int, VmReason] = field(default_factory=dict)  # VM id -> why
    vm_of_job: dict[int, int] = field(default_factory=dict)  # job id -> the VM that it waits for
    held_up: dict[int, WaitReason] = field(default_factory=dict)  # job id -> why it has none
    not_ready: dict[str, WaitReason] = field(default_factory=dict)  # size -> why fewer are kept ready

    @property
    def changes_vms(self) -> bool:
        """Whether carrying it out changes anything about VMs."""
        return bool(self.bind or self.start or self.retire)
