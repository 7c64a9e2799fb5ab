"""What happened to a VM without moving it."""

from dataclasses import dataclass
from enum import StrEnum

from runners.reasons.limits import NamesLimit
from runners.reasons.vms import ForgeSays, VmReason, minutes_text
from tfci.core.reasons import Owner, Severity
from tfci.core.translation import gettext, translated


class VmNoteCode(StrEnum):
    SECOND_CLAIM = "second_claim"
    AGENT_SIGNALED = "agent_signaled"
    RUNNER_LEFT = "runner_left_at_forge"
    DEBUG_OPENED = "debug_opened"
    DEBUG_CLOSED = "debug_closed"
    BALANCE_RUNS_OUT = "balance_runs_out"
    JOB_OVER_LIMIT = "job_over_limit"


class SecondClaim(VmReason):
    code = VmNoteCode.SECOND_CLAIM
    owner = Owner.VM
    severity = Severity.WARNING
    sentence = translated("a second claim with another key was rejected")
    advice = translated("Check whether one of your jobs tries to impersonate Farmhand's agent.")


@dataclass(frozen=True, slots=True)
class AgentSignaled(VmReason):
    code = VmNoteCode.AGENT_SIGNALED
    owner = Owner.CODE
    severity = Severity.ERROR
    sentence = translated("Signal {signal} killed Farmhand’s agent in the VM.")
    signal: int


class RunnerLeft(ForgeSays):
    code = VmNoteCode.RUNNER_LEFT
    sentence = translated(
        "{connection} did not let Farmhand remove the runner, so it may still be listed there: {answer}"
    )
    advice = translated("Remove it at the forge, or give the connection's token permission to do so.")


@dataclass(frozen=True, slots=True)
class DebugOpened(VmReason):
    code = VmNoteCode.DEBUG_OPENED
    owner = Owner.TEAM
    sentence = translated("debug access was opened for {person} for {time}")
    person: str
    minutes: int

    def __str__(self) -> str:
        return self.sentence.format(person=self.person, time=minutes_text(self.minutes))


@dataclass(frozen=True, slots=True)
class DebugClosed(VmReason):
    code = VmNoteCode.DEBUG_CLOSED
    owner = Owner.TEAM
    sentence = translated("debug access for {person} was closed")
    person: str


@dataclass(frozen=True, slots=True)
class BalanceRunsOut(VmReason):
    code = VmNoteCode.BALANCE_RUNS_OUT
    owner = Owner.TEAM
    severity = Severity.WARNING
    sentence = translated(
        "the team’s balance is running out: this VM ends in about {minutes} min unless TFT is added"
    )
    advice = translated("Add TFT to the team's wallet.")
    minutes: int


class JobOverLimit(NamesLimit, VmReason):
    """Its job goes on."""

    code = VmNoteCode.JOB_OVER_LIMIT
    advice = translated("Cancel the job, or raise the limit under Spend, Limits.")

    def __str__(self) -> str:
        return gettext("the job has cost {spent} TFT so far: {limit} is reached").format_map(self.facts)
