"""What came of running a job again automatically, because its VM failed."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from tfci.core.reasons import Owner, Reason, Severity


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
    sentence = "Farmhand runs it again automatically as soon as its VM is gone."


class RerunAsked(RerunReason):
    code = RerunCode.ASKED
    sentence = "Farmhand ran it again automatically, because its VM failed and not its code."


class RerunAlready(RerunReason):
    code = RerunCode.ALREADY
    sentence = "It was run again already."


class RerunEnough(RerunReason):
    code = RerunCode.ENOUGH
    severity = Severity.WARNING
    sentence = "Farmhand ran it again automatically twice, and its VM failed once more. Somebody should look."
    advice = "Compare how the VMs of its attempts ended: a job that ends its VM each time does so itself."


@dataclass(frozen=True, slots=True)
class RerunSwitchedOff(RerunReason):
    code = RerunCode.SWITCHED_OFF
    owner = Owner.TEAM
    sentence = "It did not run again automatically: the pool {pool} no longer does that."
    pool: str


@dataclass(frozen=True, slots=True)
class RerunWholeRun(RerunReason):
    code = RerunCode.WHOLE_RUN
    owner = Owner.FORGE
    sentence = "It did not run again automatically: {connection} would run all jobs of its run again."
    advice = "Run it again at its forge."
    connection: str


@dataclass(frozen=True, slots=True)
class RerunRefused(RerunReason):
    """`answer`: the forge's own."""

    code = RerunCode.REFUSED
    owner = Owner.FORGE
    severity = Severity.WARNING
    sentence = "It did not run again automatically: {answer}"
    advice = "Run it again at its forge."
    answer: str


@dataclass(frozen=True, slots=True)
class RerunGivenUp(RerunReason):
    """`answer`: the forge's last one."""

    code = RerunCode.GIVEN_UP
    owner = Owner.FORGE
    severity = Severity.WARNING
    sentence = "It did not run again automatically, for an hour: {answer}"
    advice = "Run it again at its forge."
    answer: str
