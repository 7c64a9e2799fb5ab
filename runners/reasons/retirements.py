"""Why somebody wants a VM to go: people, pools, servers, sweeps, or the balance."""

from dataclasses import dataclass
from enum import StrEnum

from runners.reasons.limits import NamesLimit
from runners.reasons.vms import VmOnNode, VmReason, minutes_text
from tfci.core.reasons import Owner, Severity
from tfci.core.tft import Tft
from tfci.core.translation import gettext, gettext_noop, translated

KEPT = {
    "encrypted": gettext_noop("the pool now keeps job data on an encrypted disk"),
    "ram": gettext_noop("the pool now keeps job data in memory only"),
    "none": gettext_noop("the pool now keeps job data on an unencrypted disk"),
}


class RetireCode(StrEnum):
    RETIRED_BY = "retired_by"
    NODE_DRAINED = "node_drained"
    MAKES_WAY = "makes_way"
    HOUR_UNCOVERED = "hour_uncovered"
    UNPLACED = "unplaced"
    IDLE = "idle"
    PROTECTION_CHANGED = "protection_changed"
    REUSE_ENDED = "reuse_ended"
    CONNECTION_ENDED = "connection_ended"
    POOL_DELETED = "pool_deleted"
    SERVER_DELETED = "server_deleted"
    BALANCE_SPENT = "balance_spent"
    OWN_TWIN_SPENT = "own_twin_spent"
    LIMIT_REACHED = "limit_reached"


# The rest lets a running job finish.
ENDS_JOBS = (RetireCode.BALANCE_SPENT, RetireCode.OWN_TWIN_SPENT, RetireCode.LIMIT_REACHED)


@dataclass(frozen=True, slots=True)
class RetiredBy(VmReason):
    code = RetireCode.RETIRED_BY
    owner = Owner.TEAM
    sentence = translated("{person} retired it")
    person: str


class NodeDrained(VmOnNode):
    code = RetireCode.NODE_DRAINED
    owner = Owner.TEAM
    sentence = translated("{node} is being drained")


class MakesWay(VmReason):
    code = RetireCode.MAKES_WAY
    sentence = translated("removed to make room for a job")


@dataclass(frozen=True, slots=True)
class HourUncovered(VmReason):
    """`missing`: 1e-7 TFT."""

    code = RetireCode.HOUR_UNCOVERED
    owner = Owner.TEAM
    severity = Severity.WARNING
    advice = translated("Add TFT to the team's wallet.")
    sentence = translated("the balance is {missing} TFT short of one hour of all running VMs")
    missing: int

    def __str__(self) -> str:
        return self.sentence.format(missing=Tft(self.missing))


class Unplaced(VmReason):
    code = RetireCode.UNPLACED
    sentence = translated("no node can take it, or it is no longer needed")


@dataclass(frozen=True, slots=True)
class Idle(VmReason):
    code = RetireCode.IDLE
    sentence = translated("idle for {time}")
    minutes: int

    def __str__(self) -> str:
        return self.sentence.format(time=minutes_text(self.minutes))


@dataclass(frozen=True, slots=True)
class ProtectionChanged(VmReason):
    """`protection`: what the pool wants now."""

    code = RetireCode.PROTECTION_CHANGED
    owner = Owner.TEAM
    protection: str

    def __str__(self) -> str:
        return gettext(KEPT[self.protection]) if self.protection in KEPT else self.protection


class ReuseEnded(VmReason):
    code = RetireCode.REUSE_ENDED
    owner = Owner.TEAM
    sentence = translated("the pool no longer reuses VMs")


@dataclass(frozen=True, slots=True)
class ConnectionEnded(VmReason):
    """`noun`: what was connected: organization, user, repository or instance."""

    code = RetireCode.CONNECTION_ENDED
    owner = Owner.TEAM
    sentence = translated("its {noun} is being disconnected")
    noun: str


class PoolDeleted(VmReason):
    code = RetireCode.POOL_DELETED
    owner = Owner.TEAM
    sentence = translated("its pool was deleted")


class ServerDeleted(VmReason):
    code = RetireCode.SERVER_DELETED
    owner = Owner.TEAM
    sentence = translated("its server was deleted")


class PrepaidBalanceSpent(VmReason):
    code = RetireCode.BALANCE_SPENT
    owner = Owner.TEAM
    severity = Severity.ERROR
    sentence = translated("the team’s balance is used up")
    advice = translated("Add TFT to the team's wallet.")


class OwnTwinSpent(VmReason):
    code = RetireCode.OWN_TWIN_SPENT
    owner = Owner.TEAM
    severity = Severity.ERROR
    sentence = translated("the TFT of the team’s own twin are used up")
    advice = translated("Transfer TFT to its account, under Spend, Own twin.")


class LimitReached(NamesLimit, VmReason):
    """Of VMs without a job; those with one end where their pool says so."""

    code = RetireCode.LIMIT_REACHED
    advice = translated("Raise or delete the limit under Spend, Limits, or wait until it renews.")

    def __str__(self) -> str:
        return gettext("{limit} is reached: {spent} TFT spent").format_map(self.facts)
