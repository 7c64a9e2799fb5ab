"""Why a job's log can't be shown now, or not in its newest state."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from tfci.core.reasons import Owner, Reason, Severity
from tfci.core.translation import translated


class LogCode(StrEnum):
    NOT_STARTED = "log_not_started"
    AFTER_END = "log_after_end"
    EMPTY = "log_empty"
    MISSING = "log_missing"
    OLD_ATTEMPT = "log_old_attempt"
    UNREAD = "log_unread"
    REFUSED = "log_refused"
    DISCONNECTED = "log_disconnected"
    READING = "log_reading"
    TEAM_LIMIT = "log_team_limit"


@dataclass(frozen=True, slots=True)
class LogReason(Reason):
    known: ClassVar[dict[str, type[Reason]]] = {}


class LogNotStarted(LogReason):
    code = LogCode.NOT_STARTED
    sentence = translated("The log begins when the job starts.")


@dataclass(frozen=True, slots=True)
class LogAfterEnd(LogReason):
    """`forge`: the name of its kind."""

    code = LogCode.AFTER_END
    owner = Owner.FORGE
    sentence = translated(
        "{forge} provides the log after the job has ended. Until then, follow it at {forge}."
    )
    advice = translated("The log appears here automatically, usually within a minute of the job's end.")
    forge: str


@dataclass(frozen=True, slots=True)
class LogEmpty(LogReason):
    code = LogCode.EMPTY
    owner = Owner.FORGE
    sentence = translated("{connection} has no line of this job’s log yet.")
    connection: str


@dataclass(frozen=True, slots=True)
class LogMissing(LogReason):
    code = LogCode.MISSING
    owner = Owner.FORGE
    sentence = translated(
        "{connection} has no log of this job: the job never started, or the log was deleted."
    )
    advice = translated("Logs stay at the forge, and its operator decides how long they are kept.")
    connection: str


@dataclass(frozen=True, slots=True)
class LogOldAttempt(LogReason):
    """`forge`: the name of its kind."""

    code = LogCode.OLD_ATTEMPT
    owner = Owner.FORGE
    sentence = translated("The job was retried, and {forge} provides only the log of its last attempt.")
    advice = translated("Open the last attempt of the job, or the run's page at the forge.")
    forge: str


@dataclass(frozen=True, slots=True)
class LogUnread(LogReason):
    """`answer`: what went wrong."""

    code = LogCode.UNREAD
    owner = Owner.FORGE
    severity = Severity.WARNING
    sentence = translated("The log could not be read from {connection}: {answer}")
    advice = translated(
        "Farmhand tries again while the page is open. The log is also on the job's page at the forge."
    )
    connection: str
    answer: str


@dataclass(frozen=True, slots=True)
class LogRefused(LogReason):
    """`answer`: the forge's own."""

    code = LogCode.REFUSED
    owner = Owner.TEAM
    severity = Severity.ERROR
    sentence = translated("{connection} refuses to provide the log: {answer}")
    advice = translated("Open the connection's page to see what to change.")
    connection: str
    answer: str


@dataclass(frozen=True, slots=True)
class LogDisconnected(LogReason):
    code = LogCode.DISCONNECTED
    owner = Owner.TEAM
    sentence = translated("{connection} is no longer connected, so its logs can be read only there.")
    connection: str


class LogReading(LogReason):
    code = LogCode.READING
    sentence = translated("Farmhand is reading another log for your team. This one is next.")


@dataclass(frozen=True, slots=True)
class LogTeamLimit(LogReason):
    """`limit`: reads a minute."""

    code = LogCode.TEAM_LIMIT
    owner = Owner.TEAM
    sentence = translated(
        "Your team has read logs {limit} times in this minute, which is the limit. This page continues soon."
    )
    advice = translated("Close pages of other running jobs, or follow the log at the forge.")
    limit: int
