"""A team's rule for VMs: for which jobs, on which nodes, how large, how many."""

from django.db import models
from django.utils.translation import gettext_lazy

from billing import limits
from runners.models.reasoned import Reasoned
from tfci.accounts.models import Team
from tfci.accounts.tenancy import TeamOwned


def offered_sizes() -> list[str]:
    return ["small", "medium", "large", "xlarge"]


LAST_POSITION = 10_000


class Protection(models.TextChoices):
    """Where what a job writes lies on its VM."""

    ENCRYPTED = "encrypted", gettext_lazy("on an encrypted disk")
    RAM = "ram", gettext_lazy("in memory only")
    NONE = "none", gettext_lazy("on a plain disk")


class Reuse(models.TextChoices):
    """Whose job may follow on a VM that was refreshed."""

    NEVER = "never", gettext_lazy("never: each job gets a new VM")
    REPOSITORY = "repository", gettext_lazy("of the same repository")
    ORGANISATION = "organisation", gettext_lazy("of the same organization")


class Pool(Reasoned, TeamOwned):
    """A job has at most one pool: the first by position whose connections, repositories and anchors it matches; of
    equal positions the older pool is first."""

    name = models.CharField(max_length=100)
    position = models.PositiveIntegerField(default=0)
    connections = models.ManyToManyField("forges.Connection", related_name="pools")
    repositories = models.JSONField(default=list, blank=True)  # "owner/name"; empty = all
    anchors = models.JSONField(default=list, blank=True)  # labels that a job must carry, all of them

    nodes = models.JSONField(default=dict, blank=True)  # ids, farms, countries, regions, rule; empty = any
    min_distinct_nodes = models.PositiveIntegerField(default=1)

    sizes = models.JSONField(default=offered_sizes)  # anything up to the largest of these is served
    default_size = models.CharField(max_length=60, default="small")
    min_vms = models.JSONField(default=dict, blank=True)  # size -> VMs kept up
    schedule = models.JSONField(
        default=list, blank=True, db_default=[]
    )  # other numbers at hours: pools/schedule.py
    max_vms = models.PositiveIntegerField(default=10)
    max_job_minutes = models.PositiveIntegerField(default=360)
    linger_minutes = models.PositiveIntegerField(default=5)  # how long a VM waits for a next job
    protection = models.CharField(
        max_length=10, choices=Protection, default=Protection.ENCRYPTED, db_default=Protection.ENCRYPTED
    )
    reuse = models.CharField(max_length=12, choices=Reuse, default=Reuse.NEVER, db_default=Reuse.NEVER)
    arm64_emulated = models.BooleanField(default=False, db_default=False)
    rerun_lost = models.BooleanField(
        default=False, db_default=False
    )  # a job whose VM failed: see jobs/auto_rerun.py
    end_jobs_at_limit = models.BooleanField(
        default=False, db_default=False
    )  # running ones too, once a spending limit is reached: see vms/limit_watch.py
    container_image = models.CharField(  # that jobs run in; "" = in the VM itself
        max_length=300, blank=True, default="", db_default=""
    )

    # in percent of all processors; None: not watched. How long it must last: see pools/autoscaling.py
    cpu_target = models.PositiveSmallIntegerField(null=True, blank=True)
    cpu_minutes = models.PositiveSmallIntegerField(default=10, db_default=10)

    decided_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    closing_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "name"], condition=models.Q(closed_at=None), name="one_pool_of_a_name"
            ),
            models.CheckConstraint(condition=models.Q(max_vms__gte=1), name="a_pool_may_have_a_vm"),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def next_position(cls, team: Team) -> int:
        """After all pools of that team that are not closed. One query."""
        largest = (
            cls.objects.of(team).filter(closed_at=None).aggregate(largest=models.Max("position"))["largest"]
        )
        return 0 if largest is None else min(largest + 1, LAST_POSITION)

    @property
    def job_minutes(self) -> int:
        """How long a job of it may run: its own limit, within the operator's for the team. One query."""
        return min(self.max_job_minutes, limits.caps(self.team_id).max_job_minutes)
