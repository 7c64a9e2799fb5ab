"""Why a queued job has no VM, and why the pool keeps fewer ready than it should. `permanent` ones refuse the job.

A reason is stored as its code and its parameters (numbers and texts, amounts in 1e-7 TFT); str() is its sentence.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Self

from runners.reasons.nodes import NodeCode, Out
from tfci.core.tft import Tft

SHOWN = 4  # kinds of reasons that a sentence counts


class WaitCode(StrEnum):
    POOL_MAXIMUM = "pool_maximum"
    BALANCE = "balance"
    TEAM_VMS = "team_vms"
    TEAM_PRICE = "team_price"
    NO_NODE_NOW = "no_node_now"
    GRID_REFUSED = "grid_refused"
    NEXT_DECISION = "next_decision"
    JOBS_FIRST = "jobs_first"
    READY_BALANCE = "ready_balance"
    NO_PRICES = "no_prices"
    NO_NODES_READ = "no_nodes_read"
    NO_ACCOUNT = "no_account"
    TOO_DEAR = "too_dear"
    NO_NODE_FITS = "no_node_fits"
    NO_NODE_CHOSEN = "no_node_chosen"


@dataclass(frozen=True, slots=True)
class WaitReason:
    """One reason. Subclasses name their parameters; `params` are fit for JSON."""

    code: ClassVar[WaitCode]
    permanent: ClassVar[bool] = False

    @property
    def params(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def read(cls, params: Mapping[str, Any]) -> Self:
        return cls(**params)


@dataclass(frozen=True, slots=True)
class PoolMaximum(WaitReason):
    """`promised`: places that are free and kept for older jobs of the pool."""

    code: ClassVar[WaitCode] = WaitCode.POOL_MAXIMUM
    max_vms: int
    promised: int = 0

    def __str__(self) -> str:
        vms = "1 VM" if self.max_vms == 1 else f"{self.max_vms} VMs"
        rest = f", {self.promised} of them promised to older jobs" if self.promised else ""
        return f"the pool has its maximum of {vms}{rest}"


@dataclass(frozen=True, slots=True)
class Balance(WaitReason):
    """`missing` for a VM of `per_hour`; `promised`: what is there and is kept for older jobs of the team."""

    code: ClassVar[WaitCode] = WaitCode.BALANCE
    per_hour: int
    missing: int
    promised: int = 0

    def __str__(self) -> str:
        rest = f"; {Tft(self.promised)} TFT are promised to older jobs" if self.promised else ""
        return (
            f"the balance must cover an hour of everything that runs: {Tft(self.missing)} TFT are missing for another "
            f"VM at {Tft(self.per_hour)} TFT/h{rest}"
        )


@dataclass(frozen=True, slots=True)
class TeamVms(WaitReason):
    """The operator's limit of a team's VMs. `promised`: places that are kept for older jobs of the team."""

    code: ClassVar[WaitCode] = WaitCode.TEAM_VMS
    max_vms: int
    promised: int = 0

    def __str__(self) -> str:
        vms = "1 VM" if self.max_vms == 1 else f"{self.max_vms} VMs"
        rest = f", {self.promised} of them promised to older jobs" if self.promised else ""
        return f"another VM of the team must end first: the operator’s limit for the team is {vms}{rest}"


@dataclass(frozen=True, slots=True)
class TeamPrice(WaitReason):
    """The operator's limit of what a team's VMs cost an hour together. `running`: what they cost, with what is promised
    to older jobs."""

    code: ClassVar[WaitCode] = WaitCode.TEAM_PRICE
    per_hour: int
    running: int
    limit: int

    def __str__(self) -> str:
        most = f"the operator’s limit for the team is {Tft(self.limit)} TFT/h"
        if self.per_hour > self.limit:
            return f"its VM costs {Tft(self.per_hour)} TFT/h, and {most}"
        costs = f"its VMs cost {Tft(self.running)} TFT/h, this one {Tft(self.per_hour)} TFT/h more"
        return f"another VM of the team must end first: {costs}, and {most}"


@dataclass(frozen=True, slots=True)
class NoNodeNow(WaitReason):
    """Nodes of the choice could take it, and none can now. `out`: [code, number, nodes] of each kind of reason.
    `retry_at`: when the first of those that are set aside is tried again."""

    code: ClassVar[WaitCode] = WaitCode.NO_NODE_NOW
    nodes: int
    out: tuple[tuple[str, int, int], ...]
    retry_at: str = ""

    def __str__(self) -> str:
        again = f"; the next is tried at {_clock(self.retry_at)}" if self.retry_at else ""
        return f"no node of the {self.nodes} chosen can take it: {_counted(self.out)}{again}"


@dataclass(frozen=True, slots=True)
class GridRefused(WaitReason):
    """The grid refused its VM for a reason that is no node's fault."""

    code: ClassVar[WaitCode] = WaitCode.GRID_REFUSED
    said: str
    retry_at: str

    def __str__(self) -> str:
        return f"the grid refused its VM, and is asked again at {_clock(self.retry_at)}: {self.said}"


@dataclass(frozen=True, slots=True)
class NextDecision(WaitReason):
    code: ClassVar[WaitCode] = WaitCode.NEXT_DECISION
    most: int

    def __str__(self) -> str:
        return f"Farmhand starts at most {self.most} VMs of a team at once; it is among the next"


@dataclass(frozen=True, slots=True)
class JobsFirst(WaitReason):
    """Of VMs that a pool keeps ready."""

    code: ClassVar[WaitCode] = WaitCode.JOBS_FIRST

    def __str__(self) -> str:
        return "jobs of the team wait for what it would take, and come before what is kept ready"


@dataclass(frozen=True, slots=True)
class ReadyBalance(WaitReason):
    """Of VMs that a pool keeps ready: one that the balance barely covers would end within minutes."""

    code: ClassVar[WaitCode] = WaitCode.READY_BALANCE
    per_hour: int
    missing: int

    def __str__(self) -> str:
        return (
            f"a VM is kept ready only where the balance covers two hours of it: {Tft(self.missing)} TFT are missing "
            f"for one at {Tft(self.per_hour)} TFT/h"
        )


@dataclass(frozen=True, slots=True)
class NoPrices(WaitReason):
    code: ClassVar[WaitCode] = WaitCode.NO_PRICES

    def __str__(self) -> str:
        return "the grid's prices have not been read yet"


@dataclass(frozen=True, slots=True)
class NoNodesRead(WaitReason):
    code: ClassVar[WaitCode] = WaitCode.NO_NODES_READ

    def __str__(self) -> str:
        return "the grid's nodes have not been read yet"


@dataclass(frozen=True, slots=True)
class NoAccount(WaitReason):
    code: ClassVar[WaitCode] = WaitCode.NO_ACCOUNT

    def __str__(self) -> str:
        return "the operator has not opened an account on the grid yet"


@dataclass(frozen=True, slots=True)
class TooDear(WaitReason):
    """`cheapest`: an hour on the cheapest node that fits; `limit`: what the pool pays at most."""

    code: ClassVar[WaitCode] = WaitCode.TOO_DEAR
    permanent: ClassVar[bool] = True
    cheapest: int
    limit: int

    def __str__(self) -> str:
        cheapest, limit = _short(self.cheapest), _short(self.limit)
        return f"the cheapest node that fits costs {cheapest} TFT/h; the pool's limit is {limit}"


@dataclass(frozen=True, slots=True)
class NoNodeFits(WaitReason):
    """Of all nodes of the choice none can ever take it."""

    code: ClassVar[WaitCode] = WaitCode.NO_NODE_FITS
    permanent: ClassVar[bool] = True
    nodes: int
    out: tuple[tuple[str, int, int], ...]

    def __str__(self) -> str:
        return f"no node of the {self.nodes} chosen can ever take it: {_counted(self.out)}"


@dataclass(frozen=True, slots=True)
class NoNodeChosen(WaitReason):
    code: ClassVar[WaitCode] = WaitCode.NO_NODE_CHOSEN
    permanent: ClassVar[bool] = True

    def __str__(self) -> str:
        return "the pool's choice names no node of this grid"


REASONS: dict[WaitCode, type[WaitReason]] = {
    reason.code: reason
    for reason in (
        *(PoolMaximum, Balance, TeamVms, TeamPrice, NoNodeNow, GridRefused, NextDecision, JobsFirst),
        ReadyBalance,
        *(NoPrices, NoNodesRead, NoAccount, TooDear, NoNodeFits, NoNodeChosen),
    )
}
PERMANENT = tuple(code for code, reason in REASONS.items() if reason.permanent)


def read(code: str, params: Mapping[str, Any]) -> WaitReason:
    """As it was stored."""
    return REASONS[WaitCode(code)].read(params)


def _counted(out: Iterable[tuple[str, int, int]]) -> str:
    return "; ".join(f"{nodes} {Out(NodeCode(code), number)}" for code, number, nodes in list(out)[:SHOWN])


def _clock(at: str) -> str:
    return f"{datetime.fromisoformat(at):%H:%M} UTC"


def _short(amount: int) -> str:
    """TFT with the digits that say anything: rounded, two amounts that differ could look alike."""
    return str(Tft(amount)).rstrip("0").rstrip(".")
