"""One workflow job of a forge, one attempt of it."""

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy

from runners.models.reasoned import Reasoned
from tfci.accounts.tenancy import TeamOwned
from tfci.core.optional import present


class Job(Reasoned, TeamOwned):
    """Moved only forward, only by jobs/ingest.py. Times are the forge's unless their name says ours."""

    class State(models.TextChoices):
        WAITING = "waiting", gettext_lazy("held back by its forge")
        QUEUED = "queued", gettext_lazy("queued")
        REFUSED = "refused", gettext_lazy("refused")
        NOT_OURS = "not_ours", gettext_lazy("not ours")
        IN_PROGRESS = "in_progress", gettext_lazy("in progress")
        COMPLETED = "completed", gettext_lazy("completed")

    OPEN = (State.WAITING, State.QUEUED, State.REFUSED, State.NOT_OURS, State.IN_PROGRESS)
    SET_ASIDE = (State.REFUSED, State.NOT_OURS)  # queued at its forge, and no pool of ours serves it

    connection = models.ForeignKey(
        "forges.Connection", on_delete=models.PROTECT, related_name="jobs", db_index=False
    )
    forge_job_id = models.CharField(max_length=40)
    attempt = models.PositiveIntegerField(
        default=1
    )  # our own count of those with this id: forges' numbers lie
    forge_attempt = models.PositiveIntegerField(default=0)  # its number there: registry.attempt()
    run_id = models.CharField(max_length=40, blank=True)
    repository = models.CharField(max_length=300)
    workflow = models.CharField(max_length=300, blank=True)
    name = models.CharField(max_length=300)
    branch = models.CharField(max_length=300, blank=True)
    sha = models.CharField(max_length=64, blank=True)
    url = models.CharField(max_length=600, blank=True)
    sender = models.CharField(max_length=200, blank=True)
    title = models.CharField(
        max_length=300, blank=True, db_default=""
    )  # of its run: what was committed, mostly
    event = models.CharField(max_length=60, blank=True, db_default="")  # of its run: push, pull_request, ...
    described_at = models.DateTimeField(null=True)  # ours: when its run was read for workflow and title
    steps = models.JSONField(
        null=True
    )  # name, started_at, completed_at of each, as the forge reported them at its end
    labels = models.JSONField()
    label_key = models.TextField()
    handle = models.TextField(blank=True, db_default="")  # see ports.JobSeen

    pool = models.ForeignKey(
        "runners.Pool", on_delete=models.PROTECT, null=True, related_name="jobs", db_index=False
    )
    size = models.CharField(max_length=60, blank=True)  # canonical, "2cpu8gbram50gbssd"
    ours = models.BooleanField(default=True, db_default=True)  # a label of it addresses us: jobs/labels.py
    state = models.CharField(max_length=12, choices=State)
    conclusion = models.CharField(max_length=30, blank=True)
    awaits = models.ForeignKey(  # the VM that stands for it while it is queued: see jobs/wait_reason.py
        "runners.VM", on_delete=models.SET_NULL, null=True, related_name="awaited_by"
    )

    queued_at = models.DateTimeField()
    discovered_at = models.DateTimeField()  # ours
    discovered_by = models.CharField(max_length=10)  # webhook, poll, scale set
    first_webhook_at = models.DateTimeField(
        null=True
    )  # ours: the first webhook of one that polling had found before
    decided_at = models.DateTimeField(null=True)  # ours: when a VM was first meant for it
    started_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField()  # ours: when the newest reading was asked for
    vm = models.ForeignKey("runners.VM", on_delete=models.PROTECT, null=True, related_name="jobs")
    foreign_runner = models.CharField(max_length=200, blank=True)  # a runner that is not ours took it

    next_end_attempt_at = models.DateTimeField(
        null=True
    )  # ours: its VM is gone, its forge says it runs: jobs/lost_jobs.py
    end_requested_at = models.DateTimeField(
        null=True
    )  # ours: since when its forge may have been asked to end it

    offers = models.PositiveIntegerField(default=0)  # runners that were online for it and not given it
    next_offer_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "forge_job_id", "attempt"], name="one_row_an_attempt"
            )
        ]
        indexes = [  # each ends in the order of lists, so that jobs/search.py reads a page and no more
            models.Index(fields=["team", "-id"], name="jobs_of_a_team"),
            models.Index(fields=["team", "repository", "-id"], name="jobs_of_a_repository"),
            models.Index(fields=["team", "branch", "-id"], name="jobs_of_a_branch"),
            models.Index(fields=["connection", "-id"], include=["team"], name="jobs_of_a_connection"),
            models.Index(fields=["pool", "-id"], include=["team"], name="jobs_of_a_pool"),
            models.Index(fields=["team", "discovered_at"], name="jobs_by_time"),
            models.Index(
                fields=["team", "-id"], condition=~models.Q(state="completed"), name="open_jobs_of_a_team"
            ),
            models.Index(
                fields=["connection", "id"], condition=models.Q(described_at=None), name="jobs_to_describe"
            ),
            models.Index(
                fields=["pool", "queued_at"],
                condition=models.Q(state="queued"),
                name="demand_of_a_pool",
            ),
            models.Index(
                fields=["team", "queued_at"],
                condition=models.Q(state="queued", reason="no_node_now"),
                name="jobs_that_lack_a_node",
            ),
            models.Index(
                fields=["pool"],
                condition=models.Q(state="refused") & ~models.Q(reason=""),
                name="jobs_that_no_node_fits",
            ),
            models.Index(
                fields=["next_end_attempt_at"],
                condition=models.Q(next_end_attempt_at__isnull=False),
                name="jobs_to_end",
            ),
            models.Index(
                fields=["connection"],
                condition=~models.Q(state="completed"),
                name="open_jobs_of_a_connection",
            ),
            models.Index(
                fields=["connection", "discovered_at"],
                condition=models.Q(discovered_by="poll", first_webhook_at=None),
                name="jobs_no_webhook_told_of",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.repository}: {self.name}"

    @property
    def number(self) -> int:
        """The number of this attempt as people know it: their forge's, or ours where that is ahead or there is none."""
        return max(self.attempt, self.forge_attempt)

    @property
    def in_other_pool(self) -> bool:
        """Whether its forge, which chooses by labels, gave it to a VM of another pool than its own. Reads its VM."""
        vm = self.vm
        return bool(vm and vm.pool_id and vm.pool_id != self.pool_id)

    @property
    def ran(self) -> timedelta:
        """How long, by its forge's clock, once both times are there."""
        return present(self.completed_at) - present(self.started_at)
