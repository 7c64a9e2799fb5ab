"""How well a connection's webhooks and scale sets reach us."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from runners.reasons.connections import ConnectionReason
from tfci.core.formatting import plural
from tfci.core.reasons import Owner, Reason, Severity

BLOCKED = (
    "If still none comes, the forge may not call us: its page of the webhook says why, and ALLOWED_HOST_LIST in the "
    "app.ini of a Gitea or Forgejo lets it. Or choose “Poll only”."
)


class DeliveryCode(StrEnum):
    POLLING_ONLY = "polling_only"
    NO_WEBHOOKS = "no_webhooks"
    WEBHOOK_NOT_CREATED = "webhook_not_created"
    WEBHOOK_RECEIVED = "webhook_received"
    WEBHOOK_NEVER_RECEIVED = "webhook_never_received"
    NO_WEBHOOK_MISSED = "no_webhook_missed"
    WEBHOOKS_STOPPED = "webhooks_stopped"
    WEBHOOKS_MISSED = "webhooks_missed"
    WEBHOOKS_MISSED_EARLIER = "webhooks_missed_earlier"
    DELIVERIES_DOUBLED = "deliveries_doubled"
    SIGNATURES_WRONG = "signatures_wrong"
    DELIVERIES_TOO_LARGE = "deliveries_too_large"
    DELIVERIES_UNREADABLE = "deliveries_unreadable"
    DELIVERIES_REFUSED_EARLIER = "deliveries_refused_earlier"
    NO_SCALE_SETS = "no_scale_sets"
    SCALE_SET_FAILED = "scale_set_failed"
    SCALE_SETS_UNHEARD = "scale_sets_unheard"
    SCALE_SETS_HEARD = "scale_sets_heard"


@dataclass(frozen=True, slots=True)
class DeliveryReason(ConnectionReason):
    known: ClassVar[dict[str, type[Reason]]] = {}


class PollingOnly(DeliveryReason):
    code = DeliveryCode.POLLING_ONLY
    neutral = True
    sentence = "none, by choice: jobs are found by polling alone"


class NoWebhooks(DeliveryReason):
    code = DeliveryCode.NO_WEBHOOKS
    neutral = True
    sentence = "none, for its forge sends none: jobs are found by polling alone"


class WebhookNotCreated(DeliveryReason):
    code = DeliveryCode.WEBHOOK_NOT_CREATED
    owner = Owner.TEAM
    severity = Severity.ERROR
    advice = "Press “Check now” to make it."
    sentence = "not made"


@dataclass(frozen=True, slots=True)
class WebhookReceived(DeliveryReason):
    """`more`: than were counted."""

    code = DeliveryCode.WEBHOOK_RECEIVED
    deliveries: int
    more: bool = False

    def __str__(self) -> str:
        if self.more:
            return f"more than {self.deliveries:,} deliveries in 7 days, the last came"
        return f"{plural(self.deliveries, 'delivery', 'deliveries')} in 7 days, the last came"


class WebhookNeverReceived(DeliveryReason):
    code = DeliveryCode.WEBHOOK_NEVER_RECEIVED
    owner = Owner.TEAM
    severity = Severity.WARNING
    advice = f"Push something. {BLOCKED}"
    sentence = "made, and none has come yet"


class NoWebhookMissed(DeliveryReason):
    code = DeliveryCode.NO_WEBHOOK_MISSED
    sentence = "none in 7 days"


@dataclass(frozen=True, slots=True)
class WebhooksMissed(DeliveryReason):
    """Some came after the last that did not."""

    code = DeliveryCode.WEBHOOKS_MISSED
    owner = Owner.FORGE
    severity = Severity.WARNING
    advice = "Its forge tries each delivery once. Its own page of the webhook says why one failed."
    count: int

    def __str__(self) -> str:
        jobs = plural(self.count, "job was", "jobs were")
        return f"{jobs} found by polling and never told of in 7 days, the last"


@dataclass(frozen=True, slots=True)
class WebhooksMissedEarlier(WebhooksMissed):
    code = DeliveryCode.WEBHOOKS_MISSED_EARLIER
    severity = Severity.INFO
    advice = ""


@dataclass(frozen=True, slots=True)
class WebhooksStopped(WebhooksMissed):
    """None has come since."""

    code = DeliveryCode.WEBHOOKS_STOPPED
    severity = Severity.ERROR
    advice = BLOCKED


@dataclass(frozen=True, slots=True)
class DeliveriesDoubled(DeliveryReason):
    code = DeliveryCode.DELIVERIES_DOUBLED
    sentence = "{count} in 7 days, each counted once, the last"
    count: int


@dataclass(frozen=True, slots=True)
class RefusedDeliveries(DeliveryReason):
    """`answer`: what the forge was told."""

    owner: ClassVar[Owner] = Owner.FORGE
    severity: ClassVar[Severity] = Severity.WARNING
    problem: ClassVar[str] = ""
    count: int
    answer: str = ""

    def __str__(self) -> str:
        why = f"{self.problem}: {self.count} in 7 days"
        return f"{why}. The last was answered “{self.answer.rstrip('.')}”" if self.answer else why


@dataclass(frozen=True, slots=True)
class SignaturesWrong(RefusedDeliveries):
    code = DeliveryCode.SIGNATURES_WRONG
    problem = "signature missing or wrong"
    advice = (
        "Press “Check now”: it makes the webhook anew. If they go on, somebody else sends to its address: unlink and "
        "link anew for another one."
    )


@dataclass(frozen=True, slots=True)
class DeliveriesTooLarge(RefusedDeliveries):
    code = DeliveryCode.DELIVERIES_TOO_LARGE
    problem = "too large"
    advice = "A delivery may have 1 MiB. Nothing is lost: its jobs are found by polling."


@dataclass(frozen=True, slots=True)
class DeliveriesUnreadable(RefusedDeliveries):
    code = DeliveryCode.DELIVERIES_UNREADABLE
    problem = "not readable"
    advice = (
        "Its forge wrote what we can’t read. Nothing is lost, but tell the operator, with the sentence above."
    )


@dataclass(frozen=True, slots=True)
class DeliveriesRefusedEarlier(RefusedDeliveries):
    """`kind`: in words."""

    code = DeliveryCode.DELIVERIES_REFUSED_EARLIER
    severity = Severity.INFO
    kind: str = ""

    def __str__(self) -> str:
        why = f"{self.kind}: {self.count} in 7 days"
        return f"{why}. The last was answered “{self.answer.rstrip('.')}”" if self.answer else why


# Scale sets


class NoScaleSets(DeliveryReason):
    code = DeliveryCode.NO_SCALE_SETS
    neutral = True
    sentence = "none: no pool serves a named size for all its repositories"


@dataclass(frozen=True, slots=True)
class ScaleSetFailed(DeliveryReason):
    """`said`: the forge's own sentence; `answered`: it did before."""

    code = DeliveryCode.SCALE_SET_FAILED
    owner = Owner.FORGE
    severity = Severity.WARNING
    advice = "We try again every 30 seconds. Jobs are found by polling meanwhile."
    label: str
    said: str
    answered: bool

    def __str__(self) -> str:
        return f"of “{self.label}”: {self.said.rstrip('.')}{'; it answered' if self.answered else ''}"


@dataclass(frozen=True, slots=True)
class ScaleSetsUnheard(DeliveryReason):
    code = DeliveryCode.SCALE_SETS_UNHEARD
    owner = Owner.OPERATOR
    severity = Severity.WARNING
    advice = "If it stays so for minutes, tell the operator: the process worker-hear may not run."
    labels: tuple[str, ...]

    def __str__(self) -> str:
        return f"nobody listens to all of {', '.join(self.labels)}"


@dataclass(frozen=True, slots=True)
class ScaleSetsHeard(DeliveryReason):
    code = DeliveryCode.SCALE_SETS_HEARD
    labels: tuple[str, ...]
    messages: bool

    def __str__(self) -> str:
        last = "the last message came" if self.messages else "none has come yet"
        return f"listens for {', '.join(self.labels)}; {last}"
