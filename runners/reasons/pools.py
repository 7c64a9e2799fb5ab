"""What a pool decided, with the numbers that it saw: a short title, and what led to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar

from runners.reasons.vms import VmReason
from runners.reasons.waits import WaitReason
from tfci.core.formatting import plural
from tfci.core.reasons import Other, Owner, Reason
from tfci.core.translation import gettext, gettext_noop, translated

COUNTS = {  # what a plan decides, in its order
    "bound": gettext_noop("bound {count}"),
    "wanted": gettext_noop("wanted {count}"),
    "retired": gettext_noop("retired {count}"),
    "held_back": gettext_noop("held back {count}"),
    "not_kept_ready": gettext_noop("not kept ready {count}"),
}


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
        return {name: count for name in COUNTS if (count := getattr(self, name))}

    @property
    def kind(self) -> tuple[frozenset[str], frozenset[str]]:
        """Two of a kind differ in their numbers alone."""
        return frozenset(self.counts), frozenset(code for code, _ in self.reasons)

    @property
    def title(self) -> str:
        words = (gettext(COUNTS[name]).format(count=count) for name, count in self.counts.items())
        return ", ".join(words).capitalize()

    @property
    def detail(self) -> str:
        text = gettext("{queued} queued, {standing_by} on standby, {vms} of {max_vms} VMs")
        if self.refused:
            text = gettext(
                "{queued} queued, {refused} refused, {standing_by} on standby, {vms} of {max_vms} VMs"
            )
        return "; ".join([*sorted(map(str, self._parts())), text.format_map(self.params)])

    def _parts(self) -> Iterator[Reason]:
        for code, params in self.reasons:
            known = WaitReason.known.get(code) or VmReason.known.get(code)
            yield known.read(params) if known else Other(params.get("text", code))


@dataclass(frozen=True, slots=True)
class MoreReady(PoolReason):
    """`extra`: VMs of the size beyond the minimum. `target` in percent, `cpu` and `stolen` in thousandths of the
    processors of `vms` with a job."""

    code = PoolCode.MORE_READY
    heading = translated("Keeps 1 more {size} VM ready, {extra} above the minimum")
    sentence = translated(
        "CPU use was at the target of {target} % for {minutes} minutes; it is now {cpu:.0f} % in use and "
        "{stolen:.0f} % steal on {vms}"
    )
    size: str
    extra: int
    target: int
    minutes: int
    vms: int
    cpu: int
    stolen: int

    @property
    def title(self) -> str:
        return self.heading.format_map(self.params)

    @property
    def detail(self) -> str:
        shares = {"cpu": self.cpu / 10, "stolen": self.stolen / 10}
        return self.sentence.format_map(self.params | shares | {"vms": plural(self.vms, "VM")})


class FewerReady(MoreReady):
    code = PoolCode.FEWER_READY
    heading = translated("Keeps 1 fewer {size} VM ready, {extra} above the minimum")
    sentence = translated(
        "CPU use was below the target of {target} % for {minutes} minutes; it is now {cpu:.0f} % in use and "
        "{stolen:.0f} % steal on {vms}"
    )


@dataclass(frozen=True, slots=True)
class FewerReadyIdle(PoolReason):
    code = PoolCode.FEWER_READY_IDLE
    size: str
    extra: int
    target: int

    @property
    def title(self) -> str:
        text = gettext("Keeps 1 fewer {size} VM ready, {extra} above the minimum")
        return text.format(size=self.size, extra=self.extra)

    @property
    def detail(self) -> str:
        return gettext("no VM of this size had a job; the target is {target} %").format(target=self.target)
