"""How hard the VMs of one size in a pool work, and how many more of them are held ready because of that."""

from django.db import models


class Pressure(models.Model):
    """Written by pools/autoscaling.py, once a minute where the pool has a target; shares in thousandths."""

    pool = models.ForeignKey("runners.Pool", on_delete=models.CASCADE, related_name="pressures")
    size = models.CharField(max_length=60)  # canonical, as labels.py writes it
    vms = models.PositiveIntegerField()  # whose jobs were measured in the last reading
    cpu = models.PositiveSmallIntegerField()  # of all their processors, others' part taken off
    steal = models.PositiveSmallIntegerField()  # what others took of them
    high = models.BooleanField()  # at its pool's target or above
    since = models.DateTimeField()  # it is so without a break
    extra = models.PositiveIntegerField()  # VMs held ready beyond the pool's minimum
    changed_at = models.DateTimeField(null=True)  # when `extra` last changed
    read_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["pool", "size"], name="one_pressure_a_size")]

    def __str__(self) -> str:
        return f"{self.pool}, {self.size}"
