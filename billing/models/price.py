"""The chain's prices as read at one moment."""

from django.db import models


class Price(models.Model):
    """1e-7 USD an hour for a compute and a storage unit; a TFT in 1e-3 USD. Newest row counts. Read the same from
    `first_read_at` (null: not kept yet then) to `read_at`, in chain time."""

    network = models.CharField(max_length=20)
    cu = models.PositiveIntegerField()
    su = models.PositiveIntegerField()
    tft_musd = models.PositiveIntegerField()
    certified_percent = models.PositiveSmallIntegerField()
    first_read_at = models.DateTimeField(null=True)
    read_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(tft_musd__gte=1), name="a_tft_has_a_price")]
        indexes = [models.Index(fields=["network", "-read_at"], name="newest_price")]
