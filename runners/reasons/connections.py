"""How well Farmhand hears of a connection's jobs: one reason for each thing that is looked at.

What is wrong at the forge itself are problems that its client finds (tfci/forges/problems.py); they are signs too.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from tfci.core.formatting import longest_unit, plural
from tfci.core.reasons import Owner, Reason, Severity


class Subject(StrEnum):
    """What is looked at, in the order of a job's way."""

    WEBHOOK = "webhook"
    MISSED_WEBHOOKS = "missed_webhooks"
    DOUBLED_DELIVERIES = "doubled_deliveries"
    REFUSED_DELIVERIES = "refused_deliveries"
    SCALE_SETS = "scale_sets"
    POLLING = "polling"
    SIGNPOST = "signpost"
    RUNNERS = "runners"
    RIGHTS = "rights"
    TOKEN = "token"  # noqa: S105
    AUTHORITY = "authority"
    CALLS = "calls"


LABELS = {subject: subject.replace("_", " ").capitalize() for subject in Subject} | {
    Subject.RIGHTS: "Rights there"
}


class ConnectionCode(StrEnum):
    POLLING_LIMITED = "polling_limited"
    FORGE_SILENT = "forge_silent"
    NEVER_POLLED = "never_polled"
    POLLING_LATE = "polling_late"
    POLLED = "polled"
    NO_SIGNPOST_YET = "no_signpost_yet"
    SIGNPOST_LATE = "signpost_late"
    SIGNPOST_ONLINE = "signpost_online"
    ORPHANS_REMOVED = "orphans_removed"
    ORPHANS_REMOVED_EARLIER = "orphans_removed_earlier"
    RUNNERS_NOT_COMPARED = "runners_not_compared"
    RUNNERS_MATCH = "runners_match"
    RIGHTS_COMPLETE = "rights_complete"
    TOKEN_PERMANENT = "token_permanent"  # noqa: S105
    TOKEN_EXPIRES = "token_expires"  # noqa: S105
    TOKEN_EXPIRES_SOON = "token_expires_soon"  # noqa: S105
    APP_TOKEN_MISSING = "app_token_missing"  # noqa: S105
    APP_TOKEN_RENEWED = "app_token_renewed"  # noqa: S105
    AUTHORITY_EXPIRES = "authority_expires"
    AUTHORITY_EXPIRES_SOON = "authority_expires_soon"
    CALLS_LEFT = "calls_left"
    CALLS_LOW = "calls_low"


@dataclass(frozen=True, slots=True)
class ConnectionReason(Reason):
    """`neutral`: there is nothing to say, neither good nor bad. The sentence of some ends with a moment."""

    known: ClassVar[dict[str, type[Reason]]] = {}
    neutral: ClassVar[bool] = False


# Polling


class PollingLimited(ConnectionReason):
    code = ConnectionCode.POLLING_LIMITED
    owner = Owner.FORGE
    severity = Severity.WARNING
    sentence = "its forge wants fewer calls, so we ask again"


@dataclass(frozen=True, slots=True)
class ForgeDown(ConnectionReason):
    """It does not answer, so it is left alone, longer each time."""

    code = ConnectionCode.FORGE_SILENT
    owner = Owner.FORGE
    severity = Severity.ERROR
    advice = (
        "See whether the forge is up, and whether this server may reach it. A webhook from it, or “Check now”, makes "
        "the next try come at once."
    )
    seconds: int

    def __str__(self) -> str:
        return f"no answer for {longest_unit(self.seconds)}; next try"


class NeverPolled(ConnectionReason):
    code = ConnectionCode.NEVER_POLLED
    severity = Severity.WARNING
    advice = "This takes a second. If not, tell the operator."
    sentence = "not asked yet"


class PollingLate(ConnectionReason):
    code = ConnectionCode.POLLING_LATE
    owner = Owner.FORGE
    severity = Severity.ERROR
    advice = "See whether the forge is up, and whether this server may reach it."
    sentence = "no good answer since"


@dataclass(frozen=True, slots=True)
class Polled(ConnectionReason):
    """In seconds between two polls: `often` while something goes on, else `quiet`; `active`: something does."""

    code = ConnectionCode.POLLED
    often: float
    quiet: float
    active: bool

    def __str__(self) -> str:
        often = f"up to every {self.often:g} s"
        if self.active:
            return f"asked {often}, for something goes on; answered"
        return f"asked every {self.quiet:g} s, {often} while jobs go on; answered"


# What is ours at the forge


class NoSignpostYet(ConnectionReason):
    code = ConnectionCode.NO_SIGNPOST_YET
    neutral = True
    sentence = "made with the first job"


@dataclass(frozen=True, slots=True)
class SignpostOnline(ConnectionReason):
    code = ConnectionCode.SIGNPOST_ONLINE
    labels: int

    def __str__(self) -> str:
        return f"{self._shown}, spoke"

    @property
    def _shown(self) -> str:
        return f"shows {plural(self.labels, 'label')}"


@dataclass(frozen=True, slots=True)
class SignpostLate(SignpostOnline):
    code = ConnectionCode.SIGNPOST_LATE
    owner = Owner.FORGE
    severity = Severity.WARNING
    advice = "Its forge may put a red alert beside jobs that wait. It speaks again once the forge answers."

    def __str__(self) -> str:
        return f"{self._shown}, and has not spoken since"


@dataclass(frozen=True, slots=True)
class OrphansRemoved(ConnectionReason):
    code = ConnectionCode.ORPHANS_REMOVED
    severity = Severity.WARNING
    sentence = "{count} without a VM found there in 7 days and taken away, the last"
    count: int


@dataclass(frozen=True, slots=True)
class OrphansRemovedEarlier(OrphansRemoved):
    code = ConnectionCode.ORPHANS_REMOVED_EARLIER
    severity = Severity.INFO


class RunnersNotCompared(ConnectionReason):
    code = ConnectionCode.RUNNERS_NOT_COMPARED
    neutral = True
    sentence = "not compared with our VMs yet, which is done every 30 s"


class RunnersMatch(ConnectionReason):
    code = ConnectionCode.RUNNERS_MATCH
    sentence = "none there without a VM, looked"


# Rights


class RightsComplete(ConnectionReason):
    code = ConnectionCode.RIGHTS_COMPLETE
    sentence = "all that we need, looked"


@dataclass(frozen=True, slots=True)
class TokenPermanent(ConnectionReason):
    """`lifetime`: what its forge says of all of its tokens."""

    code = ConnectionCode.TOKEN_PERMANENT
    sentence = "ends {lifetime}"
    lifetime: str


class TokenExpires(ConnectionReason):
    code = ConnectionCode.TOKEN_EXPIRES
    sentence = "ends"


class TokenExpiresSoon(ConnectionReason):
    code = ConnectionCode.TOKEN_EXPIRES_SOON
    owner = Owner.TEAM
    severity = Severity.WARNING
    advice = "Give it a new token before then, below."
    sentence = "ends"


@dataclass(frozen=True, slots=True)
class AppTokenMissing(ConnectionReason):
    code = ConnectionCode.APP_TOKEN_MISSING
    severity = Severity.WARNING
    advice = "It takes seconds. If it stays so, see “Rights there”, and tell the operator."
    sentence = "the App {app} fetches one"
    app: str


@dataclass(frozen=True, slots=True)
class AppTokenRenewed(ConnectionReason):
    """GitHub's last an hour; each is renewed before its end. `seconds`: until then."""

    code = ConnectionCode.APP_TOKEN_RENEWED
    app: str
    seconds: int

    def __str__(self) -> str:
        return f"of the App {self.app}, renewed by itself, next in {longest_unit(self.seconds)}; last"


@dataclass(frozen=True, slots=True)
class AuthorityExpires(ConnectionReason):
    code = ConnectionCode.AUTHORITY_EXPIRES
    sentence = "“{name}” ends"
    name: str


@dataclass(frozen=True, slots=True)
class AuthorityExpiresSoon(AuthorityExpires):
    """Of an App the operator has it."""

    code = ConnectionCode.AUTHORITY_EXPIRES_SOON
    owner = Owner.TEAM
    severity = Severity.WARNING
    advice = "Paste its successor before then: below, or the operator does for an App."


@dataclass(frozen=True, slots=True)
class CallsLeft(ConnectionReason):
    """Of a forge that counts them."""

    code = ConnectionCode.CALLS_LEFT
    calls: int
    limit: int

    def __str__(self) -> str:
        return f"{self.calls:,} of {self.limit:,} left this hour"


@dataclass(frozen=True, slots=True)
class CallsLow(CallsLeft):
    code = ConnectionCode.CALLS_LOW
    owner = Owner.FORGE
    severity = Severity.WARNING
    advice = "Jobs are looked for less often until the hour is over; webhooks tell of them meanwhile."
