"""Why a VM goes: its work is done, or it failed. Wishes that one goes: retirements.py."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from runners.reasons.vms import ForgeSays, OfJob, Part, VmOnNode, VmReason, minutes_text, read_part
from tfci.core.reasons import Owner, Severity


class VmEndCode(StrEnum):
    JOB_ENDED = "job_ended"
    JOB_ENDED_LAST = "job_ended_last"
    ENGINE_ENDED = "engine_ended"
    END_UNREPORTED = "end_unreported"
    DEBUG_OVER = "debug_over"
    NO_ANSWER = "node_no_answer"
    DIED_STARTING = "died_starting"
    NEVER_STARTED = "never_started"
    RUNNER_GONE = "runner_gone"
    IMAGE_REFUSED = "image_refused"
    REGISTRATION_REFUSED = "registration_refused"
    FORGE_UNREACHABLE = "forge_unreachable"
    NO_JOB_GIVEN = "no_job_given"
    JOB_OVER = "job_over_before"
    JOB_TAKEN = "job_taken_before"
    JOB_TOO_LONG = "job_too_long"
    NEVER_CAME_BACK = "never_came_back"
    NODE_LOST_VM = "node_lost_vm"
    NODE_MISSING = "node_missing"
    NODE_SILENT = "node_silent"
    AGENT_SILENT = "agent_silent"
    APP_FAILED = "app_failed"
    APP_NEVER_ANSWERED = "app_never_answered"


@dataclass(frozen=True, slots=True)
class Failure(VmReason):
    owner: ClassVar[Owner] = Owner.VM
    severity: ClassVar[Severity] = Severity.ERROR


@dataclass(frozen=True, slots=True)
class Timeout(Failure):
    """After so many minutes."""

    before: ClassVar[str]
    minutes: int

    def __str__(self) -> str:
        return f"{self.before} {minutes_text(self.minutes)}"


@dataclass(frozen=True, slots=True)
class JobEnded(VmReason):
    """`conclusion`: the forge's own word."""

    code = VmEndCode.JOB_ENDED
    sentence = "its job ended: {conclusion}"
    conclusion: str


@dataclass(frozen=True, slots=True)
class JobEndedLast(VmReason):
    """`because`: why the VM takes no other job, though its pool reuses VMs."""

    code = VmEndCode.JOB_ENDED_LAST
    conclusion: str
    because: Part

    def __str__(self) -> str:
        return f"its job ended: {self.conclusion}; it is not reused: {read_part(self.because)}"


@dataclass(frozen=True, slots=True)
class EngineEnded(Failure):
    """`cause` and `message`: as its agent reported them; of no job that we know."""

    code = VmEndCode.ENGINE_ENDED
    cause: str = ""
    message: str = ""

    def __str__(self) -> str:
        return self.message or "its engine ended without a job"


class EndUnreported(VmReason):
    code = VmEndCode.END_UNREPORTED
    owner = Owner.FORGE
    severity = Severity.WARNING
    sentence = "its engine ended, but the forge never reported a result"


class DebugOver(VmReason):
    code = VmEndCode.DEBUG_OVER
    owner = Owner.TEAM
    sentence = "debug access has ended"


@dataclass(frozen=True, slots=True)
class NoAnswer(VmOnNode):
    code = VmEndCode.NO_ANSWER
    owner = Owner.GRID
    severity = Severity.ERROR
    minutes: int

    def __str__(self) -> str:
        return f"{self.node} did not answer for {minutes_text(self.minutes)}"


class DiedStarting(Failure):
    code = VmEndCode.DIED_STARTING
    owner = Owner.GRID
    sentence = "it stopped while starting"


class NeverStarted(Timeout):
    code = VmEndCode.NEVER_STARTED
    before = "it did not start within"


class RunnerGone(VmReason):
    code = VmEndCode.RUNNER_GONE
    owner = Owner.FORGE
    severity = Severity.WARNING
    sentence = "its runner is gone from the forge"


class ImageRefused(ForgeSays):
    code = VmEndCode.IMAGE_REFUSED
    owner = Owner.OPERATOR
    severity = Severity.ERROR
    sentence = "{connection} rejects runners from this image: {answer}"
    advice = "Rebuild the VM image."


class RegistrationRefused(ForgeSays):
    code = VmEndCode.REGISTRATION_REFUSED
    severity = Severity.ERROR
    sentence = "{connection} rejected the runner: {answer}"
    advice = "Check the connection: its page lists the permissions that it needs."


@dataclass(frozen=True, slots=True)
class ForgeUnreachable(ForgeSays):
    code = VmEndCode.FORGE_UNREACHABLE
    severity = Severity.ERROR
    minutes: int

    def __str__(self) -> str:
        return f"{self.connection} could not be reached for {minutes_text(self.minutes)}: {self.answer}"


class NoJobGiven(Timeout):
    code = VmEndCode.NO_JOB_GIVEN
    owner = Owner.FORGE
    severity = Severity.WARNING
    before = "the forge assigned it no job for"


class JobOver(OfJob):
    code = VmEndCode.JOB_OVER
    owner = Owner.FORGE
    sentence = "{job} ended before this VM got it"


class JobTaken(OfJob):
    code = VmEndCode.JOB_TAKEN
    owner = Owner.FORGE
    sentence = "another runner took {job} before this VM got it"


class JobTooLong(Timeout):
    code = VmEndCode.JOB_TOO_LONG
    owner = Owner.TEAM
    before = "the job exceeded its timeout of"
    advice = "Raise the pool’s job timeout, or find out what hangs."


class NeverCameBack(Timeout):
    code = VmEndCode.NEVER_CAME_BACK
    before = "it did not restart within"


class NodeLostVm(VmOnNode):
    code = VmEndCode.NODE_LOST_VM
    owner = Owner.GRID
    severity = Severity.ERROR
    sentence = "{node} lost the VM"


@dataclass(frozen=True, slots=True)
class NodeMissing(VmOnNode):
    """`down`: the grid calls the node down; else not healthy."""

    code = VmEndCode.NODE_MISSING
    owner = Owner.GRID
    severity = Severity.ERROR
    minutes: int
    down: bool

    def __str__(self) -> str:
        how = "down" if self.down else "unhealthy"
        length = minutes_text(self.minutes)
        return f"node lost: the grid reports {self.node} as {how}, and the VM’s agent has been silent for {length}"


@dataclass(frozen=True, slots=True)
class NodeSilent(VmOnNode):
    code = VmEndCode.NODE_SILENT
    owner = Owner.GRID
    severity = Severity.ERROR
    minutes: int

    def __str__(self) -> str:
        return f"node lost: all our VMs on {self.node} have been silent for {minutes_text(self.minutes)}"


class AgentSilent(Timeout):
    code = VmEndCode.AGENT_SILENT
    before = "its agent has been silent for"


@dataclass(frozen=True, slots=True)
class AppFailed(Failure):
    code = VmEndCode.APP_FAILED
    sentence = "its app did not start: {message}"
    message: str


class AppNeverAnswered(Timeout):
    code = VmEndCode.APP_NEVER_ANSWERED
    before = "its app did not answer within"
