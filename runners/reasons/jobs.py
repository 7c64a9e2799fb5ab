"""Why a job is where it is: held back, refused, waiting for its VM, canceled, run elsewhere. waits.py and labels.py
have those of jobs that no VM stands for and of labels, ends.py has those of jobs that failed."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from tfci.core.reasons import Owner, Reason, Severity
from tfci.core.translation import translated


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
    sentence = translated("just queued: its pool decides in a moment")


class HeldByForge(JobReason):
    code = JobCode.HELD_BY_FORGE
    owner = Owner.FORGE
    sentence = translated("the forge holds the job until its dependencies are met")


class NotOurs(JobReason):
    code = JobCode.NOT_OURS
    owner = Owner.FORGE
    sentence = translated("none of its labels matches a pool of this team, so it is left to other runners")


class NoPool(JobReason):
    code = JobCode.NO_POOL
    owner = Owner.TEAM
    severity = Severity.ERROR
    sentence = translated("no pool of the team accepts jobs with these labels from this repository")
    advice = translated(
        "Create a pool for this connection, or let an existing pool serve the repository and the labels."
    )


@dataclass(frozen=True, slots=True)
class ConnectionEnding(JobReason):
    """`noun`: organization, user, repository or instance."""

    code = JobCode.CONNECTION_ENDING
    owner = Owner.TEAM
    severity = Severity.ERROR
    sentence = translated("its {noun} is being disconnected")
    noun: str


class UnsafeGrid(JobReason):
    code = JobCode.UNSAFE_GRID
    owner = Owner.OPERATOR
    severity = Severity.ERROR
    sentence = translated(
        "the simulated grid has no isolation, so it does not run jobs of a real forge; "
        "the operator can allow them with FARMHAND_UNSAFE_LOCAL_JOBS=1"
    )
    advice = translated("Use the practice forge on a simulated grid, or deploy on a grid that isolates VMs.")


class RunnerUnused(JobReason):
    code = JobCode.RUNNER_UNUSED
    owner = Owner.FORGE
    severity = Severity.WARNING
    sentence = translated(
        "the forge did not start the job although a runner was online; Farmhand retries later"
    )
    advice = translated(
        "Check whether the job waits for an approval, an environment or a concurrency group at the forge."
    )


@dataclass(frozen=True, slots=True)
class RunnerRefused(JobReason):
    """`answer`: the forge's own."""

    code = JobCode.RUNNER_REFUSED
    owner = Owner.FORGE
    severity = Severity.WARNING
    sentence = translated("{connection} rejected the runner: {answer}")
    advice = translated("Open the connection's page to see what to change.")
    connection: str
    answer: str


class ForgeRetried(JobReason):
    code = JobCode.FORGE_RETRIED
    sentence = translated("Farmhand is retrying the forge")


class VmWaits(JobReason):
    code = JobCode.VM_WAITS
    sentence = translated("its VM is waiting for a node")


@dataclass(frozen=True, slots=True)
class OnNode(JobReason):
    node: str


class ChainTurn(OnNode):
    code = JobCode.CHAIN_TURN
    sentence = translated("its VM is waiting for its turn on the chain, to be deployed on {node}")


class NodeDeploys(OnNode):
    code = JobCode.NODE_DEPLOYS
    owner = Owner.GRID
    sentence = translated("{node} is deploying the VM")


class VmBoots(OnNode):
    code = JobCode.VM_BOOTS
    owner = Owner.VM
    sentence = translated("the VM on {node} is starting")


class VmRestarts(OnNode):
    code = JobCode.VM_RESTARTS
    owner = Owner.VM
    sentence = translated("the VM on {node} is restarting after another job")


class VmReady(JobReason):
    code = JobCode.VM_READY
    sentence = translated("a standby VM is being assigned to it")


class VmReplaced(JobReason):
    code = JobCode.VM_REPLACED
    sentence = translated("the VM for this job is gone; Farmhand is finding another")


class RunnerRegisters(JobReason):
    code = JobCode.RUNNER_REGISTERS
    sentence = translated("its runner is being registered")


@dataclass(frozen=True, slots=True)
class HandedOver(JobReason):
    code = JobCode.HANDED_OVER
    owner = Owner.FORGE
    sentence = translated("waiting for {connection} to hand over the job")
    connection: str


class EndUnknown(JobReason):
    code = JobCode.END_UNKNOWN
    owner = Owner.FORGE
    sentence = translated("its engine has ended, but the forge has not reported a result")


@dataclass(frozen=True, slots=True)
class ForeignRunner(JobReason):
    code = JobCode.FOREIGN_RUNNER
    owner = Owner.FORGE
    sentence = translated("the runner {runner} took it, which is not a Farmhand runner")
    advice = translated("To run the job here, give it a label that no other runner has.")
    runner: str


class RerunBeforeEnd(JobReason):
    code = JobCode.RERUN_BEFORE_END
    owner = Owner.FORGE
    sentence = translated("it was retried at the forge before its end was reported")


class Canceled(JobReason):
    code = JobCode.CANCELED
    owner = Owner.FORGE
    sentence = translated("it was canceled at the forge")
