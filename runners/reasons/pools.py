"""What a pool decided, with the numbers that it saw: a short title, and what led to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from runners.reasons.vms import VmReason
from runners.reasons.waits import WaitReason
from tfci.core.formatting import plural
from tfci.core.reasons import Other, Owner, Reason


class PoolCode(StrEnum):
    PLANNED = "planned"
    MORE_READY = "more_ready"
    FEWER_READY = "fewer_ready"
    FEWER_READY_IDLE = "fewer_ready_idle"


@dataclass(frozen=True, slots=True)
class PoolReason(Reason):
    known: ClassVar[dict[str, type[Reason]]] = {}
    owner: ClassVar[Owner] = Owner.FARMHAND

    @property
    def title(self) -> str:
        raise NotImplementedError

    @property
    def detail(self) -> str:
        raise NotImplementedError

    def __str__(self) -> str:
        return f"{self.title}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Planned(PoolReason):
    """How many VMs were bound to a job, wanted and retired, and how many jobs were held back and sizes not kept ready;
    what was seen; and `reasons` as [code, params]."""

    code = PoolCode.PLANNED
    bound: int
    wanted: int
    retired: int
    held_back: int
    not_kept_ready: int
    queued: int
    refused: int
    standing_by: int
    vms: int
    max_vms: int
    reasons: tuple[tuple[str, dict[str, Any]], ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """What was decided, as far as anything was."""
        names = ("bound", "wanted", "retired", "held_back", "not_kept_ready")
        return {name: count for name in names if (count := getattr(self, name))}

    @property
    def kind(self) -> tuple[frozenset[str], frozenset[str]]:
        """Two of a kind differ in their numbers alone."""
        return frozenset(self.counts), frozenset(code for code, _ in self.reasons)

    @property
    def title(self) -> str:
        words = (f"{name.replace('_', ' ')} {count}" for name, count in self.counts.items())
        return ", ".join(words).capitalize()

    @property
    def detail(self) -> str:
        refused = f", {self.refused} refused" if self.refused else ""
        facts = (
            f"{self.queued} queued{refused}, {self.standing_by} on standby, {self.vms} of {self.max_vms} VMs"
        )
        return "; ".join([*sorted(map(str, self._parts())), facts])

    def _parts(self) -> Iterator[Reason]:
        for code, params in self.reasons:
            known = WaitReason.known.get(code) or VmReason.known.get(code)
            yield known.read(params) if known else Other(params.get("text", code))


@dataclass(frozen=True, slots=True)
class MoreReady(PoolReason):
    """`extra`: VMs of the size beyond the minimum. `target` in percent, `cpu` and `stolen` in thousandths of the
    processors of `vms` with a job."""

    code = PoolCode.MORE_READY
    step: ClassVar[str] = "more"
    against: ClassVar[str] = "at"
    size: str
    extra: int
    target: int
    minutes: int
    vms: int
    cpu: int
    stolen: int

    @property
    def title(self) -> str:
        return f"Keeps 1 {self.step} {self.size} VM ready, {self.extra} above the minimum"

    @property
    def detail(self) -> str:
        vms = plural(self.vms, "VM")
        numbers = f"{self.cpu / 10:.0f} % in use and {self.stolen / 10:.0f} % steal on {vms}"
        target = f"{self.against} the target of {self.target} % for {self.minutes} minutes"
        return f"CPU use was {target}; it is now {numbers}"


class FewerReady(MoreReady):
    code = PoolCode.FEWER_READY
    step = "fewer"
    against = "below"


@dataclass(frozen=True, slots=True)
class FewerReadyIdle(PoolReason):
    code = PoolCode.FEWER_READY_IDLE
    size: str
    extra: int
    target: int

    @property
    def title(self) -> str:
        return f"Keeps 1 fewer {self.size} VM ready, {self.extra} above the minimum"

    @property
    def detail(self) -> str:
        return f"no VM of this size had a job; the target is {self.target} %"
