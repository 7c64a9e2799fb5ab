"""How healthy a connection is: the one answer for its page, the overview, the API and the operator's pages.

Each aspect that is checked is a sign; the worst of them is the connection's state.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.utils.translation import gettext, gettext_noop

from runners.connections.health_facts import COUNTED, LATE, HealthFacts, facts
from runners.reasons import connections as reasons, deliveries
from runners.reasons.connections import ConnectionReason, Subject
from tfci.core.reasons import Other, Reason, Severity
from tfci.forges import authority, registry, signposts
from tfci.forges.models import Connection, Contact, Installation, Tally
from tfci.forges.ports.forge import ShowsSignposts
from tfci.forges.ports.scale_sets import HasScaleSets

SCALE_SET_SILENT = timedelta(
    minutes=3
)  # without an answer of a scale set, which comes once a minute at least
RECENT = timedelta(days=1)  # what is older is shown, and needs no action any more
WARNING_BEFORE = timedelta(days=14)  # before a token's end
REFUSED: Mapping[str, type[deliveries.RefusedDeliveries]] = {
    Tally.Kind.SIGNATURE: deliveries.SignaturesWrong,
    Tally.Kind.SIZE: deliveries.DeliveriesTooLarge,
    Tally.Kind.UNREADABLE: deliveries.DeliveriesUnreadable,
}


class HealthState(StrEnum):
    """From best to worst; a connection that is being disconnected needs no action."""

    DISCONNECTING = "disconnecting"
    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


CHIPS = {  # a chip's look and its words
    HealthState.DISCONNECTING: ("cancelled", gettext_noop("Disconnecting")),
    HealthState.OK: ("success", gettext_noop("Healthy")),
    HealthState.WARNING: ("queued", gettext_noop("Degraded")),
    HealthState.ERROR: ("failure", gettext_noop("Action needed")),
}
SEVERITY_LOOKS = {Severity.INFO: "success", Severity.WARNING: "queued", Severity.ERROR: "failure"}


@dataclass(frozen=True, slots=True)
class HealthSign:
    """`at` ends the sentence."""

    subject: Subject
    reason: Reason
    at: datetime | None = None

    @property
    def label(self) -> str:
        return gettext(reasons.LABELS[self.subject])

    @property
    def severity(self) -> Severity:
        """Only problems of rows from before there were codes are `other`."""
        return Severity.ERROR if isinstance(self.reason, Other) else self.reason.severity

    @property
    def look(self) -> str:
        return SEVERITY_LOOKS[Severity.ERROR] if isinstance(self.reason, Other) else look(self.reason)


def look(reason: Reason) -> str:
    """success, queued (look at it), failure (solve it) or waiting (nothing to say)."""
    neutral = isinstance(reason, Other) or (isinstance(reason, ConnectionReason) and reason.neutral)
    return "waiting" if neutral else SEVERITY_LOOKS[reason.severity]


@dataclass(frozen=True, slots=True)
class Health:
    """Of one connection. `signs` are in the order of a job's way."""

    connection: Connection
    facts: HealthFacts
    signs: tuple[HealthSign, ...]

    @property
    def state(self) -> HealthState:
        if self.connection.disconnecting_at:
            return HealthState.DISCONNECTING
        worst = {sign.severity for sign in self.signs}
        return next(
            (HealthState(each) for each in (Severity.ERROR, Severity.WARNING) if each in worst),
            HealthState.OK,
        )

    @property
    def look(self) -> str:
        return CHIPS[self.state][0]

    @property
    def word(self) -> str:
        return gettext(CHIPS[self.state][1])

    @property
    def faults(self) -> list[HealthSign]:
        """What somebody should look at, the worst first; none of one that is being unlinked."""
        if self.state == HealthState.DISCONNECTING:
            return []
        found = [sign for sign in self.signs if sign.severity != Severity.INFO]
        return sorted(found, key=_sort_key)


def _sort_key(sign: HealthSign) -> tuple[bool, bool]:
    """What the forge refuses is mostly behind all else."""
    return sign.severity != Severity.ERROR, sign.subject != Subject.RIGHTS


def assess(connections: Iterable[Connection], now: datetime) -> list[Health]:
    """How healthy these are, in their order; `health_facts.counted` has read them."""
    connections = list(connections)
    found = facts(connections, now)
    return [
        Health(connection, found[connection.pk], tuple(signs(connection, found[connection.pk], now)))
        for connection in connections
    ]


def signs(connection: Connection, known: HealthFacts, now: datetime) -> list[HealthSign]:
    """All of them, in the order of a job's way."""
    found = [_webhook(connection, known), *_missing(connection, known, now), *_tallied_deliveries(known, now)]
    found += [*_sets(connection, known, now), _polling(connection, now)]
    posts = [_signpost(connection, now)] if registry.kind(connection.forge).implements(ShowsSignposts) else []
    return [
        *found,
        *posts,
        _runners(connection, known, now),
        *_rights(connection),
        _token(connection, now),
        *_authority(connection, now),
        *_calls(connection),
    ]


def _webhook(connection: Connection, known: HealthFacts) -> HealthSign:
    what = Subject.WEBHOOK
    if connection.way == Connection.Way.POLL:
        chosen = registry.kind(connection.forge).webhooks is not None
        return HealthSign(what, deliveries.PollingOnly() if chosen else deliveries.NoWebhooks())
    if not connection.hook_id:
        return HealthSign(what, deliveries.WebhookNotCreated())
    if not connection.last_webhook_at:
        return HealthSign(what, deliveries.WebhookNeverReceived())
    more = known.delivered > COUNTED  # those that were taken are counted as long as they are kept
    return HealthSign(
        what, deliveries.WebhookReceived(min(known.delivered, COUNTED), more), connection.last_webhook_at
    )


def _missing(connection: Connection, known: HealthFacts, now: datetime) -> list[HealthSign]:
    what = Subject.MISSED_WEBHOOKS
    if connection.way == Connection.Way.POLL or not connection.hook_id:
        return []
    if known.missed_at is None:
        return [HealthSign(what, deliveries.NoWebhookMissed())]
    reason = deliveries.WebhooksMissed
    if connection.last_webhook_at is None or known.missed_at > connection.last_webhook_at:
        reason = deliveries.WebhooksStopped
    elif now - known.missed_at > RECENT:
        reason = deliveries.WebhooksMissedEarlier
    return [HealthSign(what, reason(known.missed), known.missed_at)]


def _tallied_deliveries(known: HealthFacts, now: datetime) -> list[HealthSign]:
    """Deliveries that were doubled or refused; a doubled one does no harm."""
    found = []
    for kind, tally in sorted(known.tallies.items()):
        if kind == Tally.Kind.DOUBLED:
            found.append(
                HealthSign(Subject.DOUBLED_DELIVERIES, deliveries.DeliveriesDoubled(tally.count), tally.at)
            )
            continue
        reason: Reason = REFUSED[kind](tally.count, tally.said)
        if now - tally.at >= RECENT:
            reason = deliveries.DeliveriesRefusedEarlier(tally.count, tally.said, tally.get_kind_display())
        found.append(HealthSign(Subject.REFUSED_DELIVERIES, reason, tally.at))
    return found


def _sets(connection: Connection, known: HealthFacts, now: datetime) -> list[HealthSign]:
    """Where the operator has turned them on, and its forge has them."""
    if not settings.SCALE_SETS or not registry.kind(connection.forge).implements(HasScaleSets):
        return []
    what, sets = Subject.SCALE_SETS, known.scale_sets
    labels = tuple(one.label for one in sets)
    if not sets:
        return [HealthSign(what, deliveries.NoScaleSets())]
    if failing := next((one for one in sets if one.problem), None):
        message = str(failing.typed_problem)
        failed = deliveries.ScaleSetFailed(failing.label, message, failing.answered_at is not None)
        return [HealthSign(what, failed, failing.answered_at)]
    if any(one.answered_at is None or now - one.answered_at > SCALE_SET_SILENT for one in sets):
        return [HealthSign(what, deliveries.ScaleSetsUnheard(labels))]
    at = max((one.last_message_at for one in sets if one.last_message_at), default=None)
    return [HealthSign(what, deliveries.ScaleSetsHeard(labels, at is not None), at)]


def _polling(connection: Connection, now: datetime) -> HealthSign:
    what = Subject.POLLING
    match connection.contact(now):
        case Contact.LIMITED:
            return HealthSign(what, reasons.PollingLimited(), connection.limited_until)
        case Contact.SILENT:
            silent = now - (connection.silent_since or now)
            return HealthSign(
                what, reasons.ForgeDown(int(silent.total_seconds())), connection.retry_at or now
            )
        case Contact.NEW:
            return HealthSign(what, reasons.NeverPolled())
        case Contact.LATE:
            return HealthSign(what, reasons.PollingLate(), connection.last_polled_at)
    active = bool(connection.last_activity_at and now - connection.last_activity_at < LATE)
    pace = registry.pace(connection)
    polled = reasons.Polled(pace.often.total_seconds(), pace.quiet.total_seconds(), active)
    return HealthSign(what, polled, connection.last_polled_at)


def _signpost(connection: Connection, now: datetime) -> HealthSign:
    count = len(connection.signpost_labels)
    if not count:
        return HealthSign(Subject.SIGNPOST, reasons.NoSignpostYet())
    late = connection.signpost_at is None or now - connection.signpost_at > 2 * signposts.EVERY
    reason = reasons.SignpostLate(count) if late else reasons.SignpostOnline(count)
    return HealthSign(Subject.SIGNPOST, reason, connection.signpost_at)


def _runners(connection: Connection, known: HealthFacts, now: datetime) -> HealthSign:
    if known.orphan_at:
        lately = now - known.orphan_at < RECENT
        reason = reasons.OrphansRemoved if lately else reasons.OrphansRemovedEarlier
        return HealthSign(Subject.RUNNERS, reason(known.orphans), known.orphan_at)
    if connection.last_swept_at is None:
        return HealthSign(Subject.RUNNERS, reasons.RunnersNotCompared())
    return HealthSign(Subject.RUNNERS, reasons.RunnersMatch(), connection.last_swept_at)


def _rights(connection: Connection) -> list[HealthSign]:
    """What its forge answered when it was checked, called or disconnected."""
    if found := connection.typed_problems:
        return [HealthSign(Subject.RIGHTS, problem) for problem in found]
    return [HealthSign(Subject.RIGHTS, reasons.RightsComplete(), connection.checked_at)]


def _token(connection: Connection, now: datetime) -> HealthSign:
    if connection.installation:
        return _app_token(connection.installation, now)
    if connection.token_ends_at is None:
        lifetime = gettext(registry.kind(connection.forge).guide.token_lifetime)
        return HealthSign(Subject.TOKEN, reasons.TokenPermanent(lifetime))
    near = connection.token_ends_at - now < WARNING_BEFORE
    return HealthSign(
        Subject.TOKEN,
        reasons.TokenExpiresSoon() if near else reasons.TokenExpires(),
        connection.token_ends_at,
    )


def _app_token(installation: Installation, now: datetime) -> HealthSign:
    ends, app = installation.token_ends_at, str(installation.app)
    if ends is None or ends <= now:
        return HealthSign(Subject.TOKEN, reasons.AppTokenMissing(app))
    seconds = max(0, int((installation.due_at - now).total_seconds()))
    return HealthSign(Subject.TOKEN, reasons.AppTokenRenewed(app, seconds), installation.minted_at)


def _authority(connection: Connection, now: datetime) -> list[HealthSign]:
    """Of its own, where it has one."""
    pem = registry.authority(connection)
    if not pem:
        return []
    known = authority.known(pem)
    near = known.ends_at - now < WARNING_BEFORE
    reason = reasons.AuthorityExpiresSoon if near else reasons.AuthorityExpires
    return [HealthSign(Subject.AUTHORITY, reason(known.name), known.ends_at)]


def _calls(connection: Connection) -> list[HealthSign]:
    """Where a forge counts them."""
    left = registry.calls_left(connection)
    if left is None:
        return []
    calls, limit = left
    reason = reasons.CallsLeft if calls > limit // 5 else reasons.CallsLow
    return [HealthSign(Subject.CALLS, reason(calls, limit))]
