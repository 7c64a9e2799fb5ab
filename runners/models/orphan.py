"""Something of our name that stood at a forge or on the grid with nothing of ours behind it."""

from django.db import models
from django.utils.translation import gettext_lazy


class Orphan(models.Model):
    """Written by vms/garbage_collection.py when it has taken it away."""

    class Kind(models.TextChoices):
        RUNNER = "runner", gettext_lazy("runner without a VM")
        VM = "vm", gettext_lazy("VM without a row")

    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=200)
    connection = models.ForeignKey("forges.Connection", on_delete=models.CASCADE, null=True, related_name="+")
    twin = models.ForeignKey("billing.Twin", on_delete=models.CASCADE, null=True, related_name="+")
    removed_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["connection", "removed_at"], name="orphans_of_a_connection")]

    def __str__(self) -> str:
        return self.name
