"""One registration of a VM at a forge. It takes at most one job, ever."""

from django.db import models

from tfci.core.vault import SealedField, instance


class Runner(models.Model):
    """Created by reconcile.py; registered, handed over and deregistered by lifecycle.py."""

    vm = models.ForeignKey("runners.VM", on_delete=models.CASCADE, related_name="runners")
    connection = models.ForeignKey("forges.Connection", on_delete=models.PROTECT, related_name="runners")
    labels = models.JSONField()
    label_key = models.TextField()
    asked_for = models.ForeignKey("runners.Job", on_delete=models.PROTECT, related_name="offered")
    bound_at = models.DateTimeField()

    tried_at = models.DateTimeField(null=True)  # the forge may know its name from here on
    forge_runner_id = models.CharField(max_length=40, blank=True)
    credential = SealedField(null=True)  # dropped when its engine has started
    registered_at = models.DateTimeField(null=True)
    handed_over_at = models.DateTimeField(null=True)  # the agent has it
    started_at = models.DateTimeField(null=True)  # the engine was exec'd

    job = models.ForeignKey("runners.Job", on_delete=models.PROTECT, null=True, related_name="ran_on")
    taken_at = models.DateTimeField(null=True)  # the forge reports that it runs the job
    deregistered_at = models.DateTimeField(null=True)  # the forge no longer has it

    # how its engine ended, as the agent reported; written by vms/orders.py
    done_at = models.DateTimeField(null=True)
    done_cause = models.CharField(max_length=20, blank=True, db_default="")
    done_said = models.TextField(blank=True, db_default="")
    exit_code = models.IntegerField(null=True)
    # what its job used of the VM: thousandths of all processors, MiB, bytes
    mean_cpu = models.PositiveSmallIntegerField(null=True)
    peak_cpu = models.PositiveSmallIntegerField(null=True)
    peak_memory = models.PositiveIntegerField(null=True)
    peak_disk = models.PositiveIntegerField(null=True)
    received = models.PositiveBigIntegerField(null=True)
    sent = models.PositiveBigIntegerField(null=True)
    tail = models.TextField(blank=True, db_default="")  # its VM's, kept before it went on to another

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["vm"], condition=models.Q(deregistered_at=None), name="one_open_runner_a_vm"
            )
        ]
        indexes = [
            models.Index(fields=["connection", "forge_runner_id"], name="runner_at_a_forge"),
            models.Index(
                fields=["connection", "-id"],
                condition=~models.Q(done_cause__in=["", "exited"]),
                name="engines_that_failed",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Its name at the forge, from our own ids: looking for it finds what an earlier try made."""
        return f"{self.prefix()}{self.vm_id}-{self.pk}"

    @classmethod
    def prefix(cls) -> str:
        """How the names of all our runners begin."""
        return f"fh-{instance()}-"
