"""How well Farmhand hears of a connection's jobs: one reason for each thing that is looked at.

What is wrong at the forge itself are problems that its client finds (tfci/forges/problems.py); they are signs too.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from tfci.core.formatting import longest_unit
from tfci.core.reasons import Owner, Reason, Severity
from tfci.core.translation import gettext, gettext_noop, ngettext, translated


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


LABELS = {
    Subject.WEBHOOK: gettext_noop("Webhook"),
    Subject.MISSED_WEBHOOKS: gettext_noop("Missed webhooks"),
    Subject.DOUBLED_DELIVERIES: gettext_noop("Doubled deliveries"),
    Subject.REFUSED_DELIVERIES: gettext_noop("Refused deliveries"),
    Subject.SCALE_SETS: gettext_noop("Scale sets"),
    Subject.POLLING: gettext_noop("Polling"),
    Subject.SIGNPOST: gettext_noop("Signpost"),
    Subject.RUNNERS: gettext_noop("Runners"),
    Subject.RIGHTS: gettext_noop("Permissions"),
    Subject.TOKEN: gettext_noop("Token"),
    Subject.AUTHORITY: gettext_noop("Authority"),
    Subject.CALLS: gettext_noop("Calls"),
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
    sentence = translated("rate-limited by the forge; next poll")


@dataclass(frozen=True, slots=True)
class ForgeDown(ConnectionReason):
    """It does not answer, so it is left alone, longer each time."""

    code = ConnectionCode.FORGE_SILENT
    owner = Owner.FORGE
    severity = Severity.ERROR
    advice = translated(
        "Check that the forge is up and that Farmhand can reach it. A webhook from it, or “Check now”, starts "
        "the next attempt immediately."
    )
    sentence = translated("no answer for {time}; next attempt")
    seconds: int

    def __str__(self) -> str:
        return self.sentence.format(time=longest_unit(self.seconds))


class NeverPolled(ConnectionReason):
    code = ConnectionCode.NEVER_POLLED
    severity = Severity.WARNING
    advice = translated("The first poll takes about a second. If it doesn't happen, contact the operator.")
    sentence = translated("not polled yet")


class PollingLate(ConnectionReason):
    code = ConnectionCode.POLLING_LATE
    owner = Owner.FORGE
    severity = Severity.ERROR
    advice = translated("Check that the forge is up and that Farmhand can reach it.")
    sentence = translated("last successful poll")


@dataclass(frozen=True, slots=True)
class Polled(ConnectionReason):
    """In seconds between two polls: `often` while something goes on, else `quiet`; `active`: something does."""

    code = ConnectionCode.POLLED
    often: float
    quiet: float
    active: bool

    def __str__(self) -> str:
        text = gettext("polled every {quiet} s, up to every {often} s while jobs are active; last answer")
        if self.active:
            text = gettext("polled up to every {often} s because jobs are active; last answer")
        return text.format(quiet=f"{self.quiet:g}", often=f"{self.often:g}")


# What is ours at the forge


class NoSignpostYet(ConnectionReason):
    code = ConnectionCode.NO_SIGNPOST_YET
    neutral = True
    sentence = translated("created with the first job")


@dataclass(frozen=True, slots=True)
class SignpostOnline(ConnectionReason):
    code = ConnectionCode.SIGNPOST_ONLINE
    labels: int

    def __str__(self) -> str:
        text = ngettext(
            "shows {labels} label, last contact", "shows {labels} labels, last contact", self.labels
        )
        return text.format(labels=self.labels)


@dataclass(frozen=True, slots=True)
class SignpostLate(SignpostOnline):
    code = ConnectionCode.SIGNPOST_LATE
    owner = Owner.FORGE
    severity = Severity.WARNING
    advice = translated(
        "The forge may show a red alert next to waiting jobs. The signpost reconnects when the forge answers."
    )

    def __str__(self) -> str:
        text = ngettext(
            "shows {labels} label, offline since", "shows {labels} labels, offline since", self.labels
        )
        return text.format(labels=self.labels)


@dataclass(frozen=True, slots=True)
class OrphansRemoved(ConnectionReason):
    code = ConnectionCode.ORPHANS_REMOVED
    severity = Severity.WARNING
    sentence = translated("{count} without a VM removed in 7 days, most recent")
    count: int


@dataclass(frozen=True, slots=True)
class OrphansRemovedEarlier(OrphansRemoved):
    code = ConnectionCode.ORPHANS_REMOVED_EARLIER
    severity = Severity.INFO


class RunnersNotCompared(ConnectionReason):
    code = ConnectionCode.RUNNERS_NOT_COMPARED
    neutral = True
    sentence = translated("not compared with our VMs yet; Farmhand compares them every 30 s")


class RunnersMatch(ConnectionReason):
    code = ConnectionCode.RUNNERS_MATCH
    sentence = translated("every runner has a VM, checked")


# Rights


class RightsComplete(ConnectionReason):
    code = ConnectionCode.RIGHTS_COMPLETE
    sentence = translated("all required permissions granted, checked")


@dataclass(frozen=True, slots=True)
class TokenPermanent(ConnectionReason):
    """`lifetime`: what its forge says of all of its tokens."""

    code = ConnectionCode.TOKEN_PERMANENT
    sentence = translated("expires {lifetime}")
    lifetime: str


class TokenExpires(ConnectionReason):
    code = ConnectionCode.TOKEN_EXPIRES
    sentence = translated("expires")


class TokenExpiresSoon(ConnectionReason):
    code = ConnectionCode.TOKEN_EXPIRES_SOON
    owner = Owner.TEAM
    severity = Severity.WARNING
    advice = translated("Replace the token below before then.")
    sentence = translated("expires")


@dataclass(frozen=True, slots=True)
class AppTokenMissing(ConnectionReason):
    code = ConnectionCode.APP_TOKEN_MISSING
    severity = Severity.WARNING
    advice = translated(
        "This takes a few seconds. If it doesn't change, check “Permissions” and contact the operator."
    )
    sentence = translated("the App {app} is requesting a token")
    app: str


@dataclass(frozen=True, slots=True)
class AppTokenRenewed(ConnectionReason):
    """GitHub's last an hour; each is renewed before its end. `seconds`: until then."""

    code = ConnectionCode.APP_TOKEN_RENEWED
    sentence = translated("of the App {app}, renewed automatically, next in {time}; last renewal")
    app: str
    seconds: int

    def __str__(self) -> str:
        return self.sentence.format(app=self.app, time=longest_unit(self.seconds))


@dataclass(frozen=True, slots=True)
class AuthorityExpires(ConnectionReason):
    code = ConnectionCode.AUTHORITY_EXPIRES
    sentence = translated("“{name}” expires")
    name: str


@dataclass(frozen=True, slots=True)
class AuthorityExpiresSoon(AuthorityExpires):
    """Of an App the operator has it."""

    code = ConnectionCode.AUTHORITY_EXPIRES_SOON
    owner = Owner.TEAM
    severity = Severity.WARNING
    advice = translated("Replace the certificate before then: below, or for an App, ask the operator.")


@dataclass(frozen=True, slots=True)
class CallsLeft(ConnectionReason):
    """Of a forge that counts them."""

    code = ConnectionCode.CALLS_LEFT
    sentence = translated("{calls:,} of {limit:,} left this hour")
    calls: int
    limit: int


@dataclass(frozen=True, slots=True)
class CallsLow(CallsLeft):
    code = ConnectionCode.CALLS_LOW
    owner = Owner.FORGE
    severity = Severity.WARNING
    advice = translated("Farmhand polls less often for the rest of the hour; webhooks still report jobs.")
