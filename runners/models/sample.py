"""How loaded a machine was at one moment, as its agent said."""

from django.db import models


class Sample(models.Model):
    """cpu and steal in thousandths of all processors, memory MiB, disk MiB."""

    vm = models.ForeignKey("runners.VM", on_delete=models.CASCADE, related_name="samples")
    at = models.DateTimeField()
    cpu = models.PositiveSmallIntegerField()
    steal = models.PositiveSmallIntegerField()
    memory = models.PositiveIntegerField()
    disk = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["vm", "at"], name="samples_of_a_vm")]
