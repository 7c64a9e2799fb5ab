"""What came of running a job again automatically, because its VM failed."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from tfci.core.reasons import Owner, Reason, Severity
from tfci.core.translation import translated


class RerunCode(StrEnum):
    COMING = "rerun_coming"
    ASKED = "rerun_asked"
    ALREADY = "rerun_already"
    ENOUGH = "rerun_enough"
    SWITCHED_OFF = "rerun_switched_off"
    WHOLE_RUN = "rerun_whole_run"
    REFUSED = "rerun_refused"
    GIVEN_UP = "rerun_given_up"


@dataclass(frozen=True, slots=True)
class RerunReason(Reason):
    known: ClassVar[dict[str, type[Reason]]] = {}


class RerunComing(RerunReason):
    code = RerunCode.COMING
    sentence = translated("Farmhand retries the job as soon as its VM is gone.")


class RerunAsked(RerunReason):
    code = RerunCode.ASKED
    sentence = translated("Farmhand retried the job because its VM failed, not its code.")


class RerunAlready(RerunReason):
    code = RerunCode.ALREADY
    sentence = translated("The job was already retried.")


class RerunEnough(RerunReason):
    code = RerunCode.ENOUGH
    severity = Severity.WARNING
    sentence = translated(
        "Farmhand retried the job twice, and its VM failed each time. Check the job yourself."
    )
    advice = translated(
        "Compare how the VMs of its attempts ended. If all ended the same way, the job itself is the likely cause."
    )


@dataclass(frozen=True, slots=True)
class RerunSwitchedOff(RerunReason):
    code = RerunCode.SWITCHED_OFF
    owner = Owner.TEAM
    sentence = translated("The job was not retried: automatic retries are off in the pool {pool}.")
    pool: str


@dataclass(frozen=True, slots=True)
class RerunWholeRun(RerunReason):
    code = RerunCode.WHOLE_RUN
    owner = Owner.FORGE
    sentence = translated("The job was not retried: {connection} would retry all jobs of the run.")
    advice = translated("Retry the job at its forge.")
    connection: str


@dataclass(frozen=True, slots=True)
class RerunRefused(RerunReason):
    """`answer`: the forge's own."""

    code = RerunCode.REFUSED
    owner = Owner.FORGE
    severity = Severity.WARNING
    sentence = translated("The job was not retried: {answer}")
    advice = translated("Retry the job at its forge.")
    answer: str


@dataclass(frozen=True, slots=True)
class RerunGivenUp(RerunReason):
    """`answer`: the forge's last one."""

    code = RerunCode.GIVEN_UP
    owner = Owner.FORGE
    severity = Severity.WARNING
    sentence = translated("Farmhand could not retry the job for an hour: {answer}")
    advice = translated("Retry the job at its forge.")
    answer: str
