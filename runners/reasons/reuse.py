"""Why a VM takes no other job now that its own is over, where its pool reuses VMs."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from runners.reasons.vms import VmReason
from tfci.core.reasons import Owner


class ReuseCode(StrEnum):
    POOL_CLOSING = "pool_closing"
    WAS_DEBUGGED = "was_debugged"
    PROTECTION_DIFFERS = "protection_differs"
    NEW_VM_EACH_JOB = "new_vm_each_job"
    NOT_ERASED = "not_erased_by_reboot"
    REACH_TOO_WIDE = "reach_too_wide"
    UNTRUSTED_EVENT = "untrusted_event"
    ENGINE_KILLED = "engine_killed"
    MANY_JOBS = "many_jobs"
    OLD_VM = "old_vm"


@dataclass(frozen=True, slots=True)
class ReuseReason(VmReason):
    owner: ClassVar[Owner] = Owner.TEAM


class PoolClosing(ReuseReason):
    code = ReuseCode.POOL_CLOSING
    sentence = "its pool is being deleted"


class WasDebugged(ReuseReason):
    code = ReuseCode.WAS_DEBUGGED
    sentence = "it was used for debug access"


class ProtectionDiffers(ReuseReason):
    code = ReuseCode.PROTECTION_DIFFERS
    sentence = "the pool's data protection has changed"


class NewVmEachJob(ReuseReason):
    code = ReuseCode.NEW_VM_EACH_JOB
    sentence = "each job of the pool gets a new VM"


class NotErased(ReuseReason):
    code = ReuseCode.NOT_ERASED
    sentence = "a reboot would not erase the job's data"


@dataclass(frozen=True, slots=True)
class ReachTooWide(ReuseReason):
    """`within`: whose jobs can reuse a VM of the pool, as Pool.reuse has it."""

    code = ReuseCode.REACH_TOO_WIDE
    within: str

    def __str__(self) -> str:
        return (
            f"the forge could give it jobs of another {self.within.replace('organisation', 'organization')}"
        )


@dataclass(frozen=True, slots=True)
class UntrustedEvent(ReuseReason):
    """`event`: what its run came from, "" where its forge has not said."""

    code = ReuseCode.UNTRUSTED_EVENT
    event: str

    def __str__(self) -> str:
        return f"its run was triggered by {self.event or 'an unknown event'}, which people outside the team can cause"


class EngineKilled(ReuseReason):
    code = ReuseCode.ENGINE_KILLED
    sentence = "its engine had to be stopped"


@dataclass(frozen=True, slots=True)
class ManyJobs(ReuseReason):
    code = ReuseCode.MANY_JOBS
    sentence = "it has run {jobs} jobs"
    jobs: int


@dataclass(frozen=True, slots=True)
class OldVm(ReuseReason):
    code = ReuseCode.OLD_VM
    sentence = "it is older than {hours} hours"
    hours: int
