"""A scale set of a connection: jobs of one label, which its forge announces to a listener."""

from datetime import UTC, datetime

from django.db import models

from tfci.core.optional import present
from tfci.core.reasons import Reason
from tfci.core.secret import Secret
from tfci.core.vault import SealedField, instance
from tfci.forges import problems
from tfci.forges.ports.scale_sets import Access, Session


class ScaleSet(models.Model):
    """Created, polled and removed by runners/connections/scale_sets.py alone. The row has all that a poll needs, so
    that any worker continues the same session."""

    connection = models.ForeignKey("forges.Connection", on_delete=models.CASCADE, related_name="scale_sets")
    label = models.CharField(max_length=60)  # its one label, a named size
    runner_group = models.CharField(max_length=100, blank=True)  # that it was made in
    wanted = models.BooleanField(default=True)  # False: it is to be removed there, then here

    set_id = models.CharField(max_length=20, blank=True)  # its number there; "" until it is made
    access_url = models.TextField(blank=True)
    access_token = SealedField(null=True)
    access_ends_at = models.DateTimeField(null=True)

    session_id = models.CharField(max_length=60, blank=True)
    queue = models.TextField(blank=True)  # where its messages lie
    queue_token = SealedField(null=True)
    last_message = models.BigIntegerField(default=0)  # the last that was taken in

    assigned = models.PositiveIntegerField(default=0)  # its jobs, as of the last message
    last_message_at = models.DateTimeField(null=True)  # the last message
    answered_at = models.DateTimeField(null=True)  # the last answer, with a message or without
    problem = models.CharField(
        max_length=40, blank=True, db_default=""
    )  # of its last call; "" while all is well
    problem_params = models.JSONField(null=True)
    due_at = models.DateTimeField(db_index=True)  # when to listen again
    leased_until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["connection", "label"], name="one_scale_set_a_label")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """At its forge, from our own names, so that no other tool's is taken for it."""
        return f"fh-{instance()}-{self.label}"

    @property
    def typed_problem(self) -> Reason | None:
        return problems.read(self.problem, self.problem_params) if self.problem else None

    @property
    def access(self) -> Access | None:
        if self.access_token is None:
            return None
        return Access(self.access_url, self.access_token, present(self.access_ends_at).timestamp())

    @access.setter
    def access(self, known: Access | None) -> None:
        self.access_url = known.url if known else ""
        self.access_token = known.token if known else None
        self.access_ends_at = datetime.fromtimestamp(known.ends, UTC) if known else None

    @property
    def session(self) -> Session | None:
        if not self.session_id:
            return None
        return Session(self.session_id, self.queue, self.queue_token or Secret(""))

    @session.setter
    def session(self, opened: Session | None) -> None:
        self.session_id = opened.session_id if opened else ""
        self.queue = opened.queue if opened else ""
        self.queue_token = opened.token if opened else None
