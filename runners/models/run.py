"""One run of a server's program on one VM: what a runner is to a job."""

from django.db import models


class Run(models.Model):
    """The order that the VM's agent carries out; servers/lifecycle.py creates it, servers/runs.py notes what the agent
    reports of it."""

    vm = models.ForeignKey("runners.VM", on_delete=models.CASCADE, related_name="runs")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)  # its program was exec'd
    last_answer_at = models.DateTimeField(null=True)  # of the program, as its agent saw it
    ended_at = models.DateTimeField(null=True)
    end_cause = models.CharField(max_length=20, blank=True)
    end_message = models.TextField(blank=True)
    exit_code = models.IntegerField(null=True)

    def __str__(self) -> str:
        return f"run {self.pk} on {self.vm}"
