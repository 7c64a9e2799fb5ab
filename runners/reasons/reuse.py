"""Why a VM takes no other job now that its own is over, where its pool reuses VMs."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from runners.reasons.vms import VmReason
from tfci.core.reasons import Owner
from tfci.core.translation import gettext, gettext_noop, translated

ANOTHER = {
    "repository": gettext_noop("the forge could give it jobs of another repository"),
    "organisation": gettext_noop("the forge could give it jobs of another organization"),
}


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
    sentence = translated("its pool is being deleted")


class WasDebugged(ReuseReason):
    code = ReuseCode.WAS_DEBUGGED
    sentence = translated("it was used for debug access")


class ProtectionDiffers(ReuseReason):
    code = ReuseCode.PROTECTION_DIFFERS
    sentence = translated("the pool's data protection has changed")


class NewVmEachJob(ReuseReason):
    code = ReuseCode.NEW_VM_EACH_JOB
    sentence = translated("each job of the pool gets a new VM")


class NotErased(ReuseReason):
    code = ReuseCode.NOT_ERASED
    sentence = translated("a reboot would not erase the job's data")


@dataclass(frozen=True, slots=True)
class ReachTooWide(ReuseReason):
    """`within`: whose jobs can reuse a VM of the pool, as Pool.reuse has it."""

    code = ReuseCode.REACH_TOO_WIDE
    within: str

    def __str__(self) -> str:
        return gettext(ANOTHER.get(self.within, ANOTHER["organisation"]))


@dataclass(frozen=True, slots=True)
class UntrustedEvent(ReuseReason):
    """`event`: what its run came from, "" where its forge has not said."""

    code = ReuseCode.UNTRUSTED_EVENT
    event: str

    def __str__(self) -> str:
        text = gettext("its run was triggered by an unknown event, which people outside the team can cause")
        if self.event:
            text = gettext("its run was triggered by {event}, which people outside the team can cause")
        return text.format(event=self.event)


class EngineKilled(ReuseReason):
    code = ReuseCode.ENGINE_KILLED
    sentence = translated("its engine had to be stopped")


@dataclass(frozen=True, slots=True)
class ManyJobs(ReuseReason):
    code = ReuseCode.MANY_JOBS
    sentence = translated("it has run {jobs} jobs")
    jobs: int


@dataclass(frozen=True, slots=True)
class OldVm(ReuseReason):
    code = ReuseCode.OLD_VM
    sentence = translated("it is older than {hours} hours")
    hours: int
