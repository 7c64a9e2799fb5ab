"""Faulty deliveries to one address on one day, counted by kind."""

from django.db import models
from django.utils.translation import gettext_lazy


class Tally(models.Model):
    """Written by health.py alone, outside of the delivery's transaction."""

    class Kind(models.TextChoices):
        DOUBLED = "doubled", gettext_lazy("came twice")
        SIGNATURE = "signature", gettext_lazy("signature missing or wrong")
        SIZE = "size", gettext_lazy("too large")
        UNREADABLE = "unreadable", gettext_lazy("not readable")

    connection = models.ForeignKey("forges.Connection", on_delete=models.CASCADE, related_name="tallies")
    kind = models.CharField(max_length=10, choices=Kind)
    day = models.DateField(db_index=True)  # in UTC
    count = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()  # the last of them
    said = models.CharField(max_length=300, blank=True)  # what the forge was answered

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "kind", "day"], name="one_tally_a_kind_and_day")
        ]
