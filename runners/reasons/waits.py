"""Why a queued job has no VM, and why the pool keeps fewer ready than it should. `permanent` ones refuse the job.

A reason is stored as its code and its parameters (numbers and texts, amounts in 1e-7 TFT); str() is its sentence.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from runners.reasons import nodes as node_reasons
from runners.reasons.limits import NamesLimit, short
from tfci.core.formatting import plural
from tfci.core.reasons import Owner, Reason, Severity
from tfci.core.tft import Tft
from tfci.core.translation import gettext, translated

SHOWN = 4  # kinds of reasons that a sentence counts


class WaitCode(StrEnum):
    POOL_MAXIMUM = "pool_maximum"
    BALANCE = "balance"
    OWN_TWIN_SHORT = "own_twin_short"
    TEAM_VMS = "team_vms"
    TEAM_PRICE = "team_price"
    SPENDING_LIMIT = "spending_limit"
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
class WaitReason(Reason):
    """Numbers and texts, amounts in 1e-7 TFT. A `permanent` one refuses the job."""

    known: ClassVar[dict[str, "type[WaitReason]"]] = {}
    permanent: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class PoolMaximum(WaitReason):
    """`promised`: places that are free and kept for older jobs of the pool."""

    code = WaitCode.POOL_MAXIMUM
    owner = Owner.TEAM
    advice = translated("Raise the pool's maximum VMs, or wait until one of its jobs ends.")
    max_vms: int
    promised: int = 0

    def __str__(self) -> str:
        text = gettext("the pool has reached its maximum of {vms}")
        if self.promised:
            text = gettext(
                "the pool has reached its maximum of {vms}, {promised} of them reserved for older jobs"
            )
        return text.format(vms=plural(self.max_vms, "VM"), promised=self.promised)


@dataclass(frozen=True, slots=True)
class Balance(WaitReason):
    """`missing` for a VM of `per_hour`; `promised`: what is there and is kept for older jobs of the team."""

    code = WaitCode.BALANCE
    owner = Owner.TEAM
    severity = Severity.WARNING
    advice = translated("Add TFT to the wallet that pays for the pool.")
    per_hour: int
    missing: int
    promised: int = 0

    def __str__(self) -> str:
        text = gettext(
            "the balance must cover one hour of all VMs: another VM at {per_hour} TFT/h needs {missing} TFT more"
        )
        if self.promised:
            text = gettext(
                "the balance must cover one hour of all VMs: another VM at {per_hour} TFT/h needs {missing} TFT "
                "more; {promised} TFT is reserved for older jobs"
            )
        return text.format_map({name: Tft(units) for name, units in self.params.items()})


@dataclass(frozen=True, slots=True)
class OwnTwinShort(Balance):
    """The same of the team's own twin."""

    code = WaitCode.OWN_TWIN_SHORT
    advice = translated("Transfer TFT to the account of the team's own twin, under Spend, Own twin.")

    def __str__(self) -> str:
        text = gettext(
            "the team’s own twin must cover one hour of all VMs: another VM at {per_hour} TFT/h needs {missing} TFT "
            "more"
        )
        return text.format_map({name: Tft(units) for name, units in self.params.items()})


@dataclass(frozen=True, slots=True)
class TeamVms(WaitReason):
    """The operator's limit of a team's VMs. `promised`: places that are kept for older jobs of the team."""

    code = WaitCode.TEAM_VMS
    owner = Owner.OPERATOR
    advice = translated("Wait until another VM of the team ends, or ask the operator for a higher limit.")
    max_vms: int
    promised: int = 0

    def __str__(self) -> str:
        text = gettext("another VM of the team must end first: the operator’s limit for the team is {vms}")
        if self.promised:
            text = gettext(
                "another VM of the team must end first: the operator’s limit for the team is {vms}, {promised} of "
                "them reserved for older jobs"
            )
        return text.format(vms=plural(self.max_vms, "VM"), promised=self.promised)


@dataclass(frozen=True, slots=True)
class TeamPrice(WaitReason):
    """The operator's limit of what a team's VMs cost an hour together. `running`: what they cost, with what is promised
    to older jobs."""

    code = WaitCode.TEAM_PRICE
    owner = Owner.OPERATOR
    advice = translated("Wait until another VM of the team ends, or ask the operator for a higher limit.")
    per_hour: int
    running: int
    limit: int

    def __str__(self) -> str:
        text = gettext(
            "another VM of the team must end first: its VMs cost {running} TFT/h, this one {per_hour} TFT/h more, and "
            "the operator’s limit for the team is {limit} TFT/h"
        )
        if self.per_hour > self.limit:
            text = gettext(
                "its VM costs {per_hour} TFT/h, and the operator’s limit for the team is {limit} TFT/h"
            )
        return text.format_map({name: Tft(units) for name, units in self.params.items()})


class StoppedByLimit(NamesLimit, WaitReason):
    """The team's own. While it is not all spent, the rest is kept for VMs that run."""

    code = WaitCode.SPENDING_LIMIT
    advice = translated("Raise or delete the limit under Spend, Limits, or wait until it renews.")

    def __str__(self) -> str:
        text = gettext("{limit} is reached: {spent} TFT spent; it renews at {renews_at}")
        if self.spent < self.amount:
            text = gettext(
                "{limit} leaves nothing for another VM: {spent} TFT spent, the rest reserved for running VMs; it "
                "renews at {renews_at}"
            )
        return text.format_map(self.facts)


@dataclass(frozen=True, slots=True)
class NoNodeNow(WaitReason):
    """Nodes of the choice could take it, and none can now. `out`: [code, number, nodes] of each kind of reason.
    `retry_at`: when the first of those that are set aside is tried again. `clearing_node`: the grid's number of a node
    that idle VMs leave for it, `clearing_until`: when it is looked for another one."""

    code = WaitCode.NO_NODE_NOW
    owner = Owner.GRID
    severity = Severity.WARNING
    advice = translated("Select more nodes in the pool, or wait until one has capacity.")
    nodes: int
    out: tuple[tuple[str, int, int], ...]
    retry_at: str = ""
    clearing_node: int = 0
    clearing_until: str = ""

    def __str__(self) -> str:
        text = gettext("0 of {nodes} selected nodes can take it now: {counted}")
        if self.clearing_node:
            text = gettext(
                "0 of {nodes} selected nodes can take it now: {counted}; idle VMs on node {node} are being deleted to "
                "make room"
            )
        elif self.retry_at:
            text = gettext(
                "0 of {nodes} selected nodes can take it now: {counted}; the next retry is at {retry_at}"
            )
        retry_at = _clock(self.retry_at) if self.retry_at else ""
        return text.format(
            nodes=self.nodes, counted=_counted(self.out), retry_at=retry_at, node=self.clearing_node
        )


@dataclass(frozen=True, slots=True)
class GridRefused(WaitReason):
    """The grid refused its VM for a reason that is no node's fault."""

    code = WaitCode.GRID_REFUSED
    owner = Owner.GRID
    severity = Severity.WARNING
    sentence = translated("the grid rejected its VM, and Farmhand retries at {retry_at}: {said}")
    said: str
    retry_at: str

    def __str__(self) -> str:
        return self.sentence.format(retry_at=_clock(self.retry_at), said=self.said)


@dataclass(frozen=True, slots=True)
class NextDecision(WaitReason):
    code = WaitCode.NEXT_DECISION
    sentence = translated(
        "Farmhand starts up to {most} VMs of a team at a time; this one is in the next group"
    )
    most: int


class JobsFirst(WaitReason):
    """Of VMs that a pool keeps ready."""

    code = WaitCode.JOBS_FIRST
    sentence = translated("jobs of the team need the capacity, and they come before VMs kept ready")


@dataclass(frozen=True, slots=True)
class ReadyBalance(WaitReason):
    """Of VMs that a pool keeps ready: one that the balance barely covers would end within minutes."""

    code = WaitCode.READY_BALANCE
    owner = Owner.TEAM
    severity = Severity.WARNING
    advice = translated("Add TFT to the wallet that pays for the pool, or keep fewer VMs ready.")
    sentence = translated(
        "a VM is kept ready only if the balance covers two hours of it: one at {per_hour} TFT/h needs {missing} TFT "
        "more"
    )
    per_hour: int
    missing: int

    def __str__(self) -> str:
        return self.sentence.format(per_hour=Tft(self.per_hour), missing=Tft(self.missing))


class NoPrices(WaitReason):
    code = WaitCode.NO_PRICES
    owner = Owner.GRID
    severity = Severity.WARNING
    sentence = translated("Farmhand has not read the grid's prices yet")


class NoNodesRead(WaitReason):
    code = WaitCode.NO_NODES_READ
    owner = Owner.GRID
    severity = Severity.WARNING
    sentence = translated("Farmhand has not read the grid's nodes yet")


class NoAccount(WaitReason):
    code = WaitCode.NO_ACCOUNT
    owner = Owner.OPERATOR
    severity = Severity.WARNING
    advice = translated("The operator adds this installation's account on the grid.")
    sentence = translated("the operator has not added an account on the grid yet")


@dataclass(frozen=True, slots=True)
class TooDear(WaitReason):
    """`cheapest`: an hour on the cheapest node that fits; `limit`: what the pool pays at most."""

    code = WaitCode.TOO_DEAR
    owner = Owner.TEAM
    severity = Severity.ERROR
    advice = translated("Raise the pool's maximum price, or use a smaller VM.")
    sentence = translated("the cheapest node that fits costs {cheapest} TFT/h; the pool's limit is {limit}")
    permanent = True
    cheapest: int
    limit: int

    def __str__(self) -> str:
        return self.sentence.format(cheapest=short(self.cheapest), limit=short(self.limit))


@dataclass(frozen=True, slots=True)
class NoNodeFits(WaitReason):
    """Of all nodes of the choice none can ever take it."""

    code = WaitCode.NO_NODE_FITS
    owner = Owner.TEAM
    severity = Severity.ERROR
    advice = translated("Select larger nodes in the pool, or use a smaller VM.")
    sentence = translated("0 of {nodes} selected nodes can ever take it: {counted}")
    permanent = True
    nodes: int
    out: tuple[tuple[str, int, int], ...]

    def __str__(self) -> str:
        return self.sentence.format(nodes=self.nodes, counted=_counted(self.out))


class NoNodeChosen(WaitReason):
    code = WaitCode.NO_NODE_CHOSEN
    owner = Owner.TEAM
    severity = Severity.ERROR
    advice = translated("Select nodes of this grid in the pool's settings.")
    permanent = True
    sentence = translated("the pool selects no node of this grid")


PERMANENT = tuple(code for code, reason in WaitReason.known.items() if reason.permanent)


def _counted(out: Iterable[tuple[str, int, int]]) -> str:
    return "; ".join(
        f"{nodes} {node_reasons.read(code, number)}" for code, number, nodes in list(out)[:SHOWN]
    )


def _clock(at: str) -> str:
    return f"{datetime.fromisoformat(at):%H:%M} UTC"
