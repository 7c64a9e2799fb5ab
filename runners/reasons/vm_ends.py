"""Why a VM goes: its work is done, or it failed. Wishes that one goes: retirements.py."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from runners.reasons.vms import ForgeSays, OfJob, Part, VmOnNode, VmReason, minutes_text, read_part
from tfci.core.reasons import Owner, Severity
from tfci.core.translation import gettext, translated


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

    minutes: int

    def __str__(self) -> str:
        return self.sentence.format(time=minutes_text(self.minutes))


@dataclass(frozen=True, slots=True)
class JobEnded(VmReason):
    """`conclusion`: the forge's own word."""

    code = VmEndCode.JOB_ENDED
    sentence = translated("its job ended: {conclusion}")
    conclusion: str


@dataclass(frozen=True, slots=True)
class JobEndedLast(VmReason):
    """`because`: why the VM takes no other job, though its pool reuses VMs."""

    code = VmEndCode.JOB_ENDED_LAST
    sentence = translated("its job ended: {conclusion}; it is not reused: {because}")
    conclusion: str
    because: Part

    def __str__(self) -> str:
        return self.sentence.format(conclusion=self.conclusion, because=read_part(self.because))


@dataclass(frozen=True, slots=True)
class EngineEnded(Failure):
    """`cause` and `message`: as its agent reported them; of no job that we know."""

    code = VmEndCode.ENGINE_ENDED
    sentence = translated("its engine ended without a job")
    cause: str = ""
    message: str = ""

    def __str__(self) -> str:
        return self.message or self.sentence


class EndUnreported(VmReason):
    code = VmEndCode.END_UNREPORTED
    owner = Owner.FORGE
    severity = Severity.WARNING
    sentence = translated("its engine ended, but the forge never reported a result")


class DebugOver(VmReason):
    code = VmEndCode.DEBUG_OVER
    owner = Owner.TEAM
    sentence = translated("debug access has ended")


@dataclass(frozen=True, slots=True)
class NoAnswer(VmOnNode):
    code = VmEndCode.NO_ANSWER
    owner = Owner.GRID
    severity = Severity.ERROR
    sentence = translated("{node} did not answer for {time}")
    minutes: int

    def __str__(self) -> str:
        return self.sentence.format(node=self.node, time=minutes_text(self.minutes))


class DiedStarting(Failure):
    code = VmEndCode.DIED_STARTING
    owner = Owner.GRID
    sentence = translated("it stopped while starting")


class NeverStarted(Timeout):
    code = VmEndCode.NEVER_STARTED
    sentence = translated("it did not start within {time}")


class RunnerGone(VmReason):
    code = VmEndCode.RUNNER_GONE
    owner = Owner.FORGE
    severity = Severity.WARNING
    sentence = translated("its runner is gone from the forge")


class ImageRefused(ForgeSays):
    code = VmEndCode.IMAGE_REFUSED
    owner = Owner.OPERATOR
    severity = Severity.ERROR
    sentence = translated("{connection} rejects runners from this image: {answer}")
    advice = translated("Rebuild the VM image.")


class RegistrationRefused(ForgeSays):
    code = VmEndCode.REGISTRATION_REFUSED
    severity = Severity.ERROR
    sentence = translated("{connection} rejected the runner: {answer}")
    advice = translated("Check the connection: its page lists the permissions that it needs.")


@dataclass(frozen=True, slots=True)
class ForgeUnreachable(ForgeSays):
    code = VmEndCode.FORGE_UNREACHABLE
    severity = Severity.ERROR
    sentence = translated("{connection} could not be reached for {time}: {answer}")
    minutes: int

    def __str__(self) -> str:
        return self.sentence.format(
            connection=self.connection, time=minutes_text(self.minutes), answer=self.answer
        )


class NoJobGiven(Timeout):
    code = VmEndCode.NO_JOB_GIVEN
    owner = Owner.FORGE
    severity = Severity.WARNING
    sentence = translated("the forge assigned it no job for {time}")


class JobOver(OfJob):
    code = VmEndCode.JOB_OVER
    owner = Owner.FORGE
    sentence = translated("{job} ended before this VM got it")


class JobTaken(OfJob):
    code = VmEndCode.JOB_TAKEN
    owner = Owner.FORGE
    sentence = translated("another runner took {job} before this VM got it")


class JobTooLong(Timeout):
    code = VmEndCode.JOB_TOO_LONG
    owner = Owner.TEAM
    sentence = translated("the job exceeded its timeout of {time}")
    advice = translated("Raise the pool’s job timeout, or find out what hangs.")


class NeverCameBack(Timeout):
    code = VmEndCode.NEVER_CAME_BACK
    sentence = translated("it did not restart within {time}")


class NodeLostVm(VmOnNode):
    code = VmEndCode.NODE_LOST_VM
    owner = Owner.GRID
    severity = Severity.ERROR
    sentence = translated("{node} lost the VM")


@dataclass(frozen=True, slots=True)
class NodeMissing(VmOnNode):
    """`down`: the grid calls the node down; else not healthy."""

    code = VmEndCode.NODE_MISSING
    owner = Owner.GRID
    severity = Severity.ERROR
    minutes: int
    down: bool

    def __str__(self) -> str:
        text = gettext(
            "node lost: the grid reports {node} as unhealthy, and the VM’s agent has been silent for {time}"
        )
        if self.down:
            text = gettext(
                "node lost: the grid reports {node} as down, and the VM’s agent has been silent for {time}"
            )
        return text.format(node=self.node, time=minutes_text(self.minutes))


@dataclass(frozen=True, slots=True)
class NodeSilent(VmOnNode):
    code = VmEndCode.NODE_SILENT
    owner = Owner.GRID
    severity = Severity.ERROR
    sentence = translated("node lost: all our VMs on {node} have been silent for {time}")
    minutes: int

    def __str__(self) -> str:
        return self.sentence.format(node=self.node, time=minutes_text(self.minutes))


class AgentSilent(Timeout):
    code = VmEndCode.AGENT_SILENT
    sentence = translated("its agent has been silent for {time}")


@dataclass(frozen=True, slots=True)
class AppFailed(Failure):
    code = VmEndCode.APP_FAILED
    sentence = translated("its app did not start: {message}")
    message: str


class AppNeverAnswered(Timeout):
    code = VmEndCode.APP_NEVER_ANSWERED
    sentence = translated("its app did not answer within {time}")
