"""What ended a job that failed, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from tfci.core.reasons import Owner, Reason, Severity

LARGER = "Ask for a larger size. The drawing below shows what it used."
AGAIN = "Run it again: it gets another VM."


class EndCode(StrEnum):
    """What an agent reports of its engine has the agent's own word."""

    OUT_OF_MEMORY = "out_of_memory"
    DISK_FULL = "disk_full"
    TOO_MANY_PROCESSES = "too_many_processes"
    AGENT_KILLED = "agent_killed"  # which only the VM's next agent can report
    NETWORK_LOST = "network_lost"
    TIME_LIMIT = "time_limit"
    KILLED = "killed"
    ENGINE_MISSING = "engine_missing"
    ENGINE_FAILED = "engine_failed"
    STOPPED = "stopped"
    VM_LOST = "vm_lost"
    VM_LEFT = "vm_left"
    BALANCE_SPENT = "job_balance_spent"
    STEP_FAILED = "step_failed"


@dataclass(frozen=True, slots=True)
class EndReason(Reason):
    """`detail`: what exactly happened, where its agent or its VM's end says so. `ours`: no change of the code helps.
    `vm_failed`: another VM may well do what this one did not. `lacks`: what of its VM there was too little of."""

    known: ClassVar[dict[str, "type[EndReason]"]] = {}
    owner: ClassVar[Owner] = Owner.VM
    severity: ClassVar[Severity] = Severity.ERROR
    title: ClassVar[str]
    ours: ClassVar[bool] = False
    vm_failed: ClassVar[bool] = False
    lacks: ClassVar[str] = ""
    detail: str = ""

    def __str__(self) -> str:
        return self.detail or self.title


class OutOfMemory(EndReason):
    code = EndCode.OUT_OF_MEMORY
    title = "The VM ran out of memory"
    advice = LARGER
    lacks = "memory_gb"


class DiskFull(EndReason):
    code = EndCode.DISK_FULL
    title = "The disk was full"
    advice = LARGER
    lacks = "disk_gb"


class TooManyProcesses(EndReason):
    code = EndCode.TOO_MANY_PROCESSES
    title = "The job started more processes than its VM may have"
    advice = (
        "Run less at a time (make -j, test workers), or ask for a larger size: a process per MiB of memory."
    )


class AgentKilled(EndReason):
    code = EndCode.AGENT_KILLED
    owner = Owner.CODE
    title = "The job ended Farmhand’s agent"
    advice = (
        "Without its agent a VM is lost, and its job with it. Look for a step that kills processes by name or all of "
        "them, such as pkill or killall."
    )


class NetworkLost(EndReason):
    code = EndCode.NETWORK_LOST
    title = "The VM lost its connection to the forge"
    advice = f"{AGAIN} If that one loses it too, see whether VMs can reach the forge."
    ours = True
    vm_failed = True


class TimeLimit(EndReason):
    code = EndCode.TIME_LIMIT
    owner = Owner.TEAM
    title = "The time limit was over"
    advice = "Raise the pool’s job timeout, or find what hangs: the end of the log shows where it was."


class Killed(EndReason):
    code = EndCode.KILLED
    title = "The VM was shut down during the job"
    advice = f"{AGAIN} What shut this one down is under “What happened”."
    ours = True
    vm_failed = True


class EngineMissing(EndReason):
    code = EndCode.ENGINE_MISSING
    owner = Owner.OPERATOR
    title = "The VM lacks the engine for this forge"
    advice = "Ask the operator for a newer image: this one lacks a program."
    ours = True


class EngineFailed(EndReason):
    code = EndCode.ENGINE_FAILED
    owner = Owner.FARMHAND
    title = "The engine failed before the job could end"
    advice = "Run it again. If it happens again, the engine’s last lines say why."
    ours = True
    vm_failed = True


class Stopped(EndReason):
    code = EndCode.STOPPED
    owner = Owner.FARMHAND
    title = "Farmhand stopped the engine"
    advice = f"{AGAIN} Why this one was stopped is under “What happened”."
    ours = True


class VmLost(EndReason):
    code = EndCode.VM_LOST
    owner = Owner.GRID
    title = "The node lost the VM"
    advice = "Run it again: it gets another VM, and the node’s record is marked so that others come first."
    ours = True
    vm_failed = True


class VmLeft(EndReason):
    code = EndCode.VM_LEFT
    title = "The VM ended during the job"
    advice = f"{AGAIN} Why this one ended is under “What happened”."
    ours = True
    vm_failed = True


class BalanceSpent(EndReason):
    code = EndCode.BALANCE_SPENT
    owner = Owner.TEAM
    title = "The team’s balance was used up"
    advice = "Add TFT, then run it again. Farmhand warns a team by mail and on its pages before its VMs end."
    ours = True


class StepFailed(EndReason):
    code = EndCode.STEP_FAILED
    owner = Owner.CODE
    title = "A step of the job failed"
    advice = "The VM worked; the job's log shows which step failed and why."
