"""A farm: who owns nodes."""

from django.db import models


class Farm(models.Model):
    network = models.CharField(max_length=20)
    farm_id = models.PositiveBigIntegerField()
    name = models.CharField(max_length=200)
    certified = models.BooleanField(default=False)
    dedicated = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["network", "farm_id"], name="one_row_a_farm")]

    def __str__(self) -> str:
        return self.name
