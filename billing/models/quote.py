"""What a VM will cost, fixed when it was ordered, for its life."""

from django.db import models

from billing.models.fields import TftField


class Quote(models.Model):
    """per_hour in 1e-7 TFT, with the prices it came from: 1e-7 USD an hour, TFT in 1e-3 USD."""

    network = models.CharField(max_length=20)
    node_id = models.PositiveBigIntegerField()
    cpu = models.PositiveIntegerField()
    memory_gb = models.PositiveIntegerField()
    disk_gb = models.PositiveIntegerField()
    certified = models.BooleanField()
    cu_price = models.PositiveIntegerField()
    su_price = models.PositiveIntegerField()
    tft_musd = models.PositiveIntegerField()
    usd_per_hour = models.PositiveBigIntegerField()
    per_hour = TftField()
    at = models.DateTimeField()
