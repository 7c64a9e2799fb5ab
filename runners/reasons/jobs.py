"""Why a job is where it is: held back, refused, waiting for its VM, canceled, run elsewhere. waits.py and labels.py
have those of jobs that no VM stands for and of labels, ends.py has those of jobs that failed."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from tfci.core.reasons import Owner, Reason, Severity


class JobCode(StrEnum):
    JUST_QUEUED = "just_queued"
    HELD_BY_FORGE = "held_by_forge"
    NOT_OURS = "not_ours"
    NO_POOL = "no_pool"
    CONNECTION_ENDING = "connection_ending"
    UNSAFE_GRID = "unsafe_grid"
    RUNNER_UNUSED = "runner_unused"
    RUNNER_REFUSED = "runner_refused"
    FORGE_RETRIED = "forge_retried"
    VM_WAITS = "vm_waits"
    CHAIN_TURN = "chain_turn"
    NODE_DEPLOYS = "node_deploys"
    VM_BOOTS = "vm_boots"
    VM_RESTARTS = "vm_restarts"
    VM_READY = "vm_ready"
    VM_REPLACED = "vm_replaced"
    RUNNER_REGISTERS = "runner_registers"
    HANDED_OVER = "handed_over"
    END_UNKNOWN = "end_unknown"
    FOREIGN_RUNNER = "foreign_runner"
    RERUN_BEFORE_END = "rerun_before_end"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class JobReason(Reason):
    known: ClassVar[dict[str, type[Reason]]] = {}


class JustQueued(JobReason):
    code = JobCode.JUST_QUEUED
    sentence = "just queued: its pool decides next"


class HeldByForge(JobReason):
    code = JobCode.HELD_BY_FORGE
    owner = Owner.FORGE
    sentence = "its forge holds it back until what it needs is there"


class NotOurs(JobReason):
    code = JobCode.NOT_OURS
    owner = Owner.FORGE
    sentence = "none of its labels addresses a pool of this team, so it is left to other runners"


class NoPool(JobReason):
    code = JobCode.NO_POOL
    owner = Owner.TEAM
    severity = Severity.ERROR
    sentence = "no pool of the team asks for jobs with these labels in this repository"
    advice = "Create a pool for this connection, or let a pool serve the repository and the labels."


@dataclass(frozen=True, slots=True)
class ConnectionEnding(JobReason):
    """`noun`: organization, user, repository or instance."""

    code = JobCode.CONNECTION_ENDING
    owner = Owner.TEAM
    severity = Severity.ERROR
    sentence = "its {noun} is being unlinked"
    noun: str


class UnsafeGrid(JobReason):
    code = JobCode.UNSAFE_GRID
    owner = Owner.OPERATOR
    severity = Severity.ERROR
    sentence = (
        "the simulated grid isolates nothing, so jobs of a real forge do not run on it; "
        "the operator can allow it with FARMHAND_UNSAFE_LOCAL_JOBS=1"
    )
    advice = "Use the practice forge on a simulated grid, or deploy on a grid that isolates VMs."


class RunnerUnused(JobReason):
    code = JobCode.RUNNER_UNUSED
    owner = Owner.FORGE
    severity = Severity.WARNING
    sentence = "its forge holds it back though a runner was online for it; trying again later"
    advice = "See whether the job waits for an approval, an environment or a concurrency group at its forge."


@dataclass(frozen=True, slots=True)
class RunnerRefused(JobReason):
    """`answer`: the forge's own."""

    code = JobCode.RUNNER_REFUSED
    owner = Owner.FORGE
    severity = Severity.WARNING
    sentence = "{connection} takes no runner: {answer}"
    advice = "Open the connection's page: it says what to change."
    connection: str
    answer: str


class ForgeRetried(JobReason):
    code = JobCode.FORGE_RETRIED
    sentence = "its forge is tried again"


class VmWaits(JobReason):
    code = JobCode.VM_WAITS
    sentence = "it waits for a node"


@dataclass(frozen=True, slots=True)
class OnNode(JobReason):
    node: str


class ChainTurn(OnNode):
    code = JobCode.CHAIN_TURN
    sentence = "its VM waits for our turn on the chain, to go to {node}"


class NodeDeploys(OnNode):
    code = JobCode.NODE_DEPLOYS
    owner = Owner.GRID
    sentence = "{node} is taking the VM"


class VmBoots(OnNode):
    code = JobCode.VM_BOOTS
    owner = Owner.VM
    sentence = "the VM on {node} is starting"


class VmRestarts(OnNode):
    code = JobCode.VM_RESTARTS
    owner = Owner.VM
    sentence = "the VM on {node} starts anew after another job"


class VmReady(JobReason):
    code = JobCode.VM_READY
    sentence = "a VM stands by and is given to it"


class VmReplaced(JobReason):
    code = JobCode.VM_REPLACED
    sentence = "the VM that was meant for it has gone; another is being found"


class RunnerRegisters(JobReason):
    code = JobCode.RUNNER_REGISTERS
    sentence = "its runner is being registered"


@dataclass(frozen=True, slots=True)
class HandedOver(JobReason):
    code = JobCode.HANDED_OVER
    owner = Owner.FORGE
    sentence = "it waits for {connection} to hand over the job"
    connection: str


class EndUnknown(JobReason):
    code = JobCode.END_UNKNOWN
    owner = Owner.FORGE
    sentence = "its engine has ended, and its forge has not said how"


@dataclass(frozen=True, slots=True)
class ForeignRunner(JobReason):
    code = JobCode.FOREIGN_RUNNER
    owner = Owner.FORGE
    sentence = "the runner {runner} took it, which is not one of ours"
    advice = "Give our jobs a label that no other runner has, where they are to run here."
    runner: str


class RerunBeforeEnd(JobReason):
    code = JobCode.RERUN_BEFORE_END
    owner = Owner.FORGE
    sentence = "it was run again there before its end was reported"


class Canceled(JobReason):
    code = JobCode.CANCELED
    owner = Owner.FORGE
    sentence = "it was canceled there"
