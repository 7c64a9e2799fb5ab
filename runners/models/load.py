"""How loaded a VM was until one of its heartbeats."""

from django.db import models


class Load(models.Model):
    """Written and read by vms/metrics.py, which knows what `samples` holds. Kept for a while only."""

    pk = models.CompositePrimaryKey("vm_id", "at")
    vm = models.ForeignKey("runners.VM", on_delete=models.CASCADE, related_name="loads", db_index=False)
    at = models.DateTimeField()  # ours: when the heartbeat was received
    load = models.FloatField()  # processes that want a processor, of the last minute
    oom_kills = models.PositiveIntegerField()  # processes that the kernel ended, since the agent began
    samples = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.vm_id} at {self.at}"
