"""How well a connection's webhooks and scale sets reach us."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from runners.reasons.connections import ConnectionReason
from tfci.core.reasons import Owner, Reason, Severity
from tfci.core.translation import gettext, ngettext, translated

BLOCKED = translated(
    "If none arrives, the forge may not be allowed to call Farmhand: its webhook page shows why. In Gitea and Forgejo, "
    "ALLOWED_HOST_LIST in app.ini allows it. Or choose “Use polling only”."
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
    sentence = translated("none, as chosen: jobs are found by polling only")


class NoWebhooks(DeliveryReason):
    code = DeliveryCode.NO_WEBHOOKS
    neutral = True
    sentence = translated("not supported by the forge: jobs are found by polling only")


class WebhookNotCreated(DeliveryReason):
    code = DeliveryCode.WEBHOOK_NOT_CREATED
    owner = Owner.TEAM
    severity = Severity.ERROR
    advice = translated("Select “Check now” to create it.")
    sentence = translated("not created")


@dataclass(frozen=True, slots=True)
class WebhookReceived(DeliveryReason):
    """`more`: than were counted."""

    code = DeliveryCode.WEBHOOK_RECEIVED
    deliveries: int
    more: bool = False

    def __str__(self) -> str:
        text = ngettext(
            "{count} delivery in 7 days, most recent",
            "{count} deliveries in 7 days, most recent",
            self.deliveries,
        )
        if self.more:
            text = gettext("more than {count} deliveries in 7 days, most recent")
        return text.format(count=f"{self.deliveries:,}")


class WebhookNeverReceived(DeliveryReason):
    code = DeliveryCode.WEBHOOK_NEVER_RECEIVED
    owner = Owner.TEAM
    severity = Severity.WARNING
    advice = translated(
        "Push a commit. If none arrives, the forge may not be allowed to call Farmhand: its webhook page shows why. "
        "In Gitea and Forgejo, ALLOWED_HOST_LIST in app.ini allows it. Or choose “Use polling only”."
    )
    sentence = translated("created, but no delivery has arrived yet")


class NoWebhookMissed(DeliveryReason):
    code = DeliveryCode.NO_WEBHOOK_MISSED
    sentence = translated("none in 7 days")


@dataclass(frozen=True, slots=True)
class WebhooksMissed(DeliveryReason):
    """Some came after the last that did not."""

    code = DeliveryCode.WEBHOOKS_MISSED
    owner = Owner.FORGE
    severity = Severity.WARNING
    advice = translated("The forge tries each delivery once. Its webhook page shows why a delivery failed.")
    count: int

    def __str__(self) -> str:
        text = ngettext(
            "{count} job was found by polling without a webhook in 7 days, most recent",
            "{count} jobs were found by polling without a webhook in 7 days, most recent",
            self.count,
        )
        return text.format(count=f"{self.count:,}")


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
    sentence = translated("{count} in 7 days, each counted once, most recent")
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
        return _refused(self.problem, self.count, self.answer)


def _refused(problem: str, count: int, answer: str) -> str:
    text = gettext("{problem}: {count} in 7 days")
    if answer:
        text = gettext("{problem}: {count} in 7 days. Last response: “{answer}”")
    return text.format(problem=problem, count=count, answer=answer.rstrip("."))


@dataclass(frozen=True, slots=True)
class SignaturesWrong(RefusedDeliveries):
    code = DeliveryCode.SIGNATURES_WRONG
    problem = translated("signature missing or wrong")
    advice = translated(
        "Select “Check now” to recreate the webhook. If these deliveries continue, someone else is sending to "
        "its address: "
        "disconnect and connect again to get a new one."
    )


@dataclass(frozen=True, slots=True)
class DeliveriesTooLarge(RefusedDeliveries):
    code = DeliveryCode.DELIVERIES_TOO_LARGE
    problem = translated("too large")
    advice = translated("The maximum is 1 MiB. Nothing is lost: polling finds the jobs.")


@dataclass(frozen=True, slots=True)
class DeliveriesUnreadable(RefusedDeliveries):
    code = DeliveryCode.DELIVERIES_UNREADABLE
    problem = translated("unreadable")
    advice = translated(
        "Farmhand can’t read what the forge sent. Nothing is lost, but please send the operator the message above."
    )


@dataclass(frozen=True, slots=True)
class DeliveriesRefusedEarlier(RefusedDeliveries):
    """`kind`: in words."""

    code = DeliveryCode.DELIVERIES_REFUSED_EARLIER
    severity = Severity.INFO
    kind: str = ""

    def __str__(self) -> str:
        return _refused(self.kind, self.count, self.answer)


# Scale sets


class NoScaleSets(DeliveryReason):
    code = DeliveryCode.NO_SCALE_SETS
    neutral = True
    sentence = translated("none: no pool serves a named size for all its repositories")


@dataclass(frozen=True, slots=True)
class ScaleSetFailed(DeliveryReason):
    """`said`: the forge's own sentence; `answered`: it did before."""

    code = DeliveryCode.SCALE_SET_FAILED
    owner = Owner.FORGE
    severity = Severity.WARNING
    advice = translated("Farmhand retries every 30 s. Until then, polling finds the jobs.")
    label: str
    said: str
    answered: bool

    def __str__(self) -> str:
        text = (
            gettext("of “{label}”: {said}; last answer") if self.answered else gettext("of “{label}”: {said}")
        )
        return text.format(label=self.label, said=self.said.rstrip("."))


@dataclass(frozen=True, slots=True)
class ScaleSetsUnheard(DeliveryReason):
    code = DeliveryCode.SCALE_SETS_UNHEARD
    owner = Owner.OPERATOR
    severity = Severity.WARNING
    advice = translated(
        "If this persists for minutes, contact the operator: the process worker-hear may not be running."
    )
    sentence = translated("no process listens to all of {labels}")
    labels: tuple[str, ...]

    def __str__(self) -> str:
        return self.sentence.format(labels=", ".join(self.labels))


@dataclass(frozen=True, slots=True)
class ScaleSetsHeard(DeliveryReason):
    code = DeliveryCode.SCALE_SETS_HEARD
    labels: tuple[str, ...]
    messages: bool

    def __str__(self) -> str:
        text = gettext("listening for {labels}; no message yet")
        if self.messages:
            text = gettext("listening for {labels}; last message")
        return text.format(labels=", ".join(self.labels))
