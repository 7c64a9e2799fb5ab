"""One run of a server's program on one machine: what a runner is to a job."""

from django.db import models


class Stint(models.Model):
    """The order that the machine's agent carries out; lifecycle.py begins it, vms/runs.py notes what is said of it."""

    vm = models.ForeignKey("runners.VM", on_delete=models.CASCADE, related_name="stints")
    begun_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)  # its program was exec'd
    answered_at = models.DateTimeField(null=True)  # its program answered last, as its agent saw it
    done_at = models.DateTimeField(null=True)
    done_cause = models.CharField(max_length=20, blank=True)
    done_said = models.TextField(blank=True)
    exit_code = models.IntegerField(null=True)

    def __str__(self) -> str:
        return f"run {self.pk} on {self.vm}"
