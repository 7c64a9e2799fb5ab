"""One organisation, user or repository of one forge that a team has linked, with its credential."""

import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy, gettext_noop

from tfci.accounts.tenancy import TeamOwned
from tfci.core.reasons import Reason
from tfci.core.vault import SealedField
from tfci.forges import problems
from tfci.forges.findings import CheckSubject, Finding

LATE = timedelta(minutes=5)


def unguessable() -> str:
    """A webhook address's last part: 32 characters that nobody can guess."""
    return secrets.token_urlsafe(24)


class Contact(StrEnum):
    """How its forge answers polls."""

    NEW = "new"  # it has answered none yet
    GOOD = "good"
    LIMITED = "limited"  # it wants fewer calls
    SILENT = "silent"  # it does not answer, so it is called less often each time
    LATE = "late"  # it has not been polled for LATE


class Connection(TeamOwned):
    """The row behind every call to a forge; a client is built from it in forges/registry.py."""

    class Level(models.TextChoices):
        ORG = "org", gettext_noop("organization")
        USER = "user", gettext_noop("user")
        REPO = "repo", gettext_noop("repository")
        INSTANCE = "instance", gettext_noop("instance")

    class Way(models.TextChoices):
        WEBHOOK = "webhook", gettext_lazy("webhook, with polling behind it")
        POLL = "poll", gettext_lazy("polling only")

    forge = models.CharField(max_length=20)  # a key of connect.KINDS
    level = models.CharField(max_length=10, choices=Level, default=Level.ORG)
    url = models.URLField(max_length=300)
    name = models.CharField(max_length=200)  # a repository's as "owner/name", an instance's is its host
    runner_url = models.CharField(max_length=300, blank=True, db_default="")  # what engines call, if not url
    authority = models.TextField(blank=True, db_default="")  # whom to trust beside public ones, as PEM
    runner_group = models.CharField(max_length=100, blank=True, db_default="")  # "": the default one
    token = SealedField()  # empty where an App's installation stands for it
    installation = models.ForeignKey(
        "forges.Installation", on_delete=models.PROTECT, null=True, related_name="connections"
    )
    version = models.CharField(max_length=60, blank=True)
    login = models.CharField(max_length=200, blank=True)

    way = models.CharField(max_length=10, choices=Way, default=Way.WEBHOOK)
    address = models.CharField(max_length=40, unique=True, default=unguessable)
    hook_secret = SealedField()
    hook_id = models.CharField(max_length=40, blank=True)

    signpost_id = models.CharField(max_length=40, blank=True)
    signpost_credential = SealedField(null=True)
    signpost_labels = models.JSONField(default=list)
    signpost_at = models.DateTimeField(null=True)

    connected_at = models.DateTimeField()
    checked_at = models.DateTimeField(null=True)
    check_findings = models.JSONField(
        default=list, db_default=[]
    )  # of the last check, as problems.stored has them
    may_write = models.BooleanField(null=True)  # whether its token may have jobs run again and propose files
    token_ends_at = models.DateTimeField(null=True)  # where its forge's tokens end
    expiry_warned_at = models.DateTimeField(null=True)  # the moment of its last warning: see tokens.py
    last_swept_at = models.DateTimeField(null=True)  # when its runners were last compared with our VMs
    problems = models.JSONField(default=list, db_default=[])  # what somebody has to solve: codes, parameters
    last_webhook_at = models.DateTimeField(null=True)  # the last webhook that was authentic
    deliveries_read_at = models.DateTimeField(null=True)  # when failed webhooks were last looked for
    last_polled_at = models.DateTimeField(null=True)
    next_poll_at = models.DateTimeField(db_index=True)  # when to ask for queued jobs next
    silent_since = models.DateTimeField(null=True)  # when the first poll began that was not answered
    retry_at = models.DateTimeField(null=True)  # until when it is left alone because of that
    last_activity_at = models.DateTimeField(null=True)  # last sign of life; polling follows it
    limited_until = models.DateTimeField(null=True)
    disconnecting_at = models.DateTimeField(null=True)
    disconnected_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["forge", "url", "name"],
                condition=models.Q(disconnected_at=None),
                name="one_connection_over_one_organization",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def callable_at(now: datetime) -> models.Q:
        """Those that are not left alone."""
        return models.Q(retry_at=None) | models.Q(retry_at__lte=now)

    def contact(self, now: datetime) -> Contact:
        if self.limited_until and self.limited_until > now:
            return Contact.LIMITED
        if self.silent_since:
            return Contact.SILENT
        if self.last_polled_at is None:
            return Contact.NEW
        return Contact.LATE if now - self.last_polled_at > LATE else Contact.GOOD

    @property
    def typed_problems(self) -> list[Reason]:
        return [problems.read(one["code"], one["params"]) for one in self.problems]

    @property
    def problem_text(self) -> str:
        """A sentence a line, "" while all is well."""
        return "\n".join(map(str, self.typed_problems))

    @property
    def typed_findings(self) -> list[Finding]:
        return [
            Finding(CheckSubject(one["subject"]), problems.read(one["code"], one["params"]))
            for one in self.check_findings
        ]

    @property
    def noun(self) -> str:
        """What it is called in sentences."""
        return self.get_level_display()

    @property
    def owner(self) -> str:
        """Whose repositories it is about."""
        return self.name.partition("/")[0]

    @property
    def alive(self) -> bool:
        """True while new jobs of it are taken."""
        return self.disconnecting_at is None and self.disconnected_at is None
