"""What ended a job that failed, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from tfci.core.reasons import Owner, Reason, Severity
from tfci.core.translation import translated

LARGER = translated("Use a larger size. The chart below shows what the job used.")


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
    OWN_TWIN_SPENT = "job_own_twin_spent"
    LIMIT_REACHED = "job_limit_reached"
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
    title = translated("The VM ran out of memory")
    advice = LARGER
    lacks = "memory_gb"


class DiskFull(EndReason):
    code = EndCode.DISK_FULL
    title = translated("The VM's disk was full")
    advice = LARGER
    lacks = "disk_gb"


class TooManyProcesses(EndReason):
    code = EndCode.TOO_MANY_PROCESSES
    title = translated("The job reached the VM's limit of processes")
    advice = translated(
        "Run fewer processes at a time (make -j, test workers), or use a larger size: the limit is one process "
        "per MiB of memory."
    )


class AgentKilled(EndReason):
    code = EndCode.AGENT_KILLED
    owner = Owner.CODE
    title = translated("The job killed Farmhand’s agent")
    advice = translated(
        "Without its agent the VM and its job are lost. Look for a step that kills processes by name or kills all "
        "processes, such as pkill or killall."
    )


class NetworkLost(EndReason):
    code = EndCode.NETWORK_LOST
    title = translated("The VM lost its connection to the forge")
    advice = translated(
        "Retry the job: it gets a new VM. If it happens again, check that VMs can reach the forge."
    )
    ours = True
    vm_failed = True


class TimeLimit(EndReason):
    code = EndCode.TIME_LIMIT
    owner = Owner.TEAM
    title = translated("The job timed out")
    advice = translated(
        "Raise the pool’s job timeout, or find out what hangs: the end of the log shows where the job was."
    )


class Killed(EndReason):
    code = EndCode.KILLED
    title = translated("The VM was shut down during the job")
    advice = translated("Retry the job: it gets a new VM. “What happened” shows why this VM was shut down.")
    ours = True
    vm_failed = True


class EngineMissing(EndReason):
    code = EndCode.ENGINE_MISSING
    owner = Owner.OPERATOR
    title = translated("The VM has no engine for this forge")
    advice = translated("Ask the operator for a newer image: a program is missing from this one.")
    ours = True


class EngineFailed(EndReason):
    code = EndCode.ENGINE_FAILED
    owner = Owner.FARMHAND
    title = translated("The engine failed before the job ended")
    advice = translated("Retry the job. If it happens again, the engine’s last log lines show why.")
    ours = True
    vm_failed = True


class Stopped(EndReason):
    code = EndCode.STOPPED
    owner = Owner.FARMHAND
    title = translated("Farmhand stopped the engine")
    advice = translated("Retry the job: it gets a new VM. “What happened” shows why this engine was stopped.")
    ours = True


class VmLost(EndReason):
    code = EndCode.VM_LOST
    owner = Owner.GRID
    title = translated("The node lost the VM")
    advice = translated(
        "Retry the job: it gets a new VM. The failure counts against the node, so other nodes are preferred."
    )
    ours = True
    vm_failed = True


class VmLeft(EndReason):
    code = EndCode.VM_LEFT
    title = translated("The VM ended during the job")
    advice = translated("Retry the job: it gets a new VM. “What happened” shows why this VM ended.")
    ours = True
    vm_failed = True


class BalanceSpent(EndReason):
    code = EndCode.BALANCE_SPENT
    owner = Owner.TEAM
    title = translated("The team’s balance was used up")
    advice = translated(
        "Add TFT, then retry the job. Farmhand warns the team by mail and on its pages before its VMs end."
    )
    ours = True


class OwnTwinSpentJob(EndReason):
    code = EndCode.OWN_TWIN_SPENT
    owner = Owner.TEAM
    title = translated("The TFT of the team’s own twin were used up")
    advice = translated("Transfer TFT to its account, under Spend, Own twin, then retry the job.")
    ours = True


class LimitEndedJob(EndReason):
    code = EndCode.LIMIT_REACHED
    owner = Owner.TEAM
    title = translated("A spending limit of the team was reached")
    advice = translated(
        "Raise or delete the limit under Spend, Limits, then retry the job. Its pool ends running jobs at a limit."
    )
    ours = True


class StepFailed(EndReason):
    code = EndCode.STEP_FAILED
    owner = Owner.CODE
    title = translated("A step of the job failed")
    advice = translated("The VM worked. The job's log shows which step failed and why.")
