"""Findings of a forge's check: codes with parameters, as clients know them. Pure.

A finding says which subject was looked at, and a reason what was found there. Those of severity ERROR somebody has to
solve: they are in problems.py.
"""

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import ClassVar

from tfci.core.reasons import Owner, Reason, Severity
from tfci.core.translation import gettext, gettext_noop, translated
from tfci.forges import texts


class CheckSubject(StrEnum):
    """What a check looks at, in its order."""

    VERSION = "version"
    APP = "app"
    TOKEN = "token"  # noqa: S105
    PLACE = "place"
    REPOSITORIES = "repositories"
    RUNNER_GROUP = "runner_group"
    PUBLIC_REPOSITORIES = "public_repositories"
    JOBS = "jobs"
    RUNNERS = "runners"
    WEBHOOK = "webhook"
    CONNECTION = "connection"


LABELS = {
    CheckSubject.VERSION: gettext_noop("Version"),
    CheckSubject.APP: gettext_noop("App"),
    CheckSubject.TOKEN: gettext_noop("Token"),
    CheckSubject.PLACE: gettext_noop("Connected"),
    CheckSubject.REPOSITORIES: gettext_noop("Repositories"),
    CheckSubject.RUNNER_GROUP: gettext_noop("Runner group"),
    CheckSubject.PUBLIC_REPOSITORIES: gettext_noop("Public repositories"),
    CheckSubject.JOBS: gettext_noop("Jobs"),
    CheckSubject.RUNNERS: gettext_noop("Runners"),
    CheckSubject.WEBHOOK: gettext_noop("Webhook"),
    CheckSubject.CONNECTION: gettext_noop("Connection"),
}


class FindingCode(StrEnum):
    VERSION_READ = "version_read"
    APP_USED = "app_used"
    TOKEN_OWNER = "token_owner"  # noqa: S105
    VISIBLE = "visible"
    READABLE = "readable"
    WRITABLE = "writable"
    LISTED = "listed"
    QUEUE_PAUSED = "queue_paused"
    NOTHING_TO_TRY = "nothing_to_try"
    MANAGED = "managed"
    RUNNER_GROUP_FOUND = "runner_group_found"
    PUBLIC_NOT_SERVED = "public_not_served"
    WEBHOOK_OF_APP = "webhook_of_app"
    WEBHOOK_NOT_CHOSEN = "webhook_not_chosen"
    WEBHOOK_NOT_SENT = "webhook_not_sent"
    WEBHOOK_CREATED = "webhook_created"


@dataclass(frozen=True, slots=True)
class ForgeReason(Reason):
    """What was found at a forge, or is wrong with it."""

    known: ClassVar[dict[str, type[Reason]]] = {}
    owner: ClassVar[Owner] = Owner.FORGE

    def __post_init__(self) -> None:
        """Rows and pages have room for it, whatever the forge wrote."""
        for field in fields(self):
            if isinstance(text := getattr(self, field.name), str):
                object.__setattr__(self, field.name, texts.clean(text, texts.SENTENCE))


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a check looked at, and what it found."""

    subject: CheckSubject
    reason: Reason

    @property
    def is_problem(self) -> bool:
        return self.reason.severity == Severity.ERROR

    @property
    def label(self) -> str:
        return gettext(LABELS[self.subject])


# What is as it should be


@dataclass(frozen=True, slots=True)
class VersionRead(ForgeReason):
    code = FindingCode.VERSION_READ
    sentence = "{title} {version}"
    title: str
    version: str


@dataclass(frozen=True, slots=True)
class AppUsed(ForgeReason):
    code = FindingCode.APP_USED
    sentence = "{app}"
    app: str


@dataclass(frozen=True, slots=True)
class TokenOwner(ForgeReason):
    code = FindingCode.TOKEN_OWNER
    sentence = translated("of {login}")
    login: str


@dataclass(frozen=True, slots=True)
class Visible(ForgeReason):
    code = FindingCode.VISIBLE
    sentence = "{noun} {name}"
    noun: str
    name: str


class Readable(ForgeReason):
    code = FindingCode.READABLE
    sentence = translated("can be read")


class Writable(ForgeReason):
    code = FindingCode.WRITABLE
    sentence = translated("can be read and written")


class Listed(ForgeReason):
    code = FindingCode.LISTED
    sentence = translated("can be listed")


class QueuePaused(ForgeReason):
    code = FindingCode.QUEUE_PAUSED
    severity = Severity.WARNING
    advice = translated("Resume the queue at the forge.")
    sentence = translated("can be listed; the queue is paused")


class NothingToTry(ForgeReason):
    code = FindingCode.NOTHING_TO_TRY
    sentence = translated("can’t be tested because there is no repository")


class Managed(ForgeReason):
    code = FindingCode.MANAGED
    sentence = translated("can be created and removed")


@dataclass(frozen=True, slots=True)
class RunnerGroupFound(ForgeReason):
    code = FindingCode.RUNNER_GROUP_FOUND
    sentence = translated("{group} found")
    group: str


@dataclass(frozen=True, slots=True)
class PublicNotServed(ForgeReason):
    code = FindingCode.PUBLIC_NOT_SERVED
    sentence = translated("not served: GitHub does not give their jobs to runners of the group {group}")
    group: str


class WebhookOfApp(ForgeReason):
    code = FindingCode.WEBHOOK_OF_APP
    sentence = translated("the App’s own, for all of its installations")


class WebhookNotChosen(ForgeReason):
    code = FindingCode.WEBHOOK_NOT_CHOSEN
    sentence = translated("none, as chosen")


class WebhookNotSent(ForgeReason):
    code = FindingCode.WEBHOOK_NOT_SENT
    sentence = translated("not supported by the forge")


@dataclass(frozen=True, slots=True)
class WebhookCreated(ForgeReason):
    code = FindingCode.WEBHOOK_CREATED
    sentence = translated("created, ID {hook_id}")
    hook_id: str
