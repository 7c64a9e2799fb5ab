"""What a VM will cost, fixed when it was ordered, for its life."""

from django.db import models

from billing.models.fields import TftField


class Quote(models.Model):
    """per_hour in 1e-7 TFT, with what it came from. USD are of the list price, in 1e-7 an hour; a TFT in 1e-3 USD.

    Off the list price goes the team's share of the chain's discount, and the operator's margin is added
    (pricing.parts). Quotes from before there were discounts have none."""

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
    discount_percent = models.PositiveSmallIntegerField(db_default=0)  # the chain's level for who pays
    discount_to_team = models.PositiveSmallIntegerField(db_default=0)  # percent of it
    margin_percent = models.PositiveSmallIntegerField(db_default=0)
    per_hour = TftField()
    prices_read_at = models.DateTimeField(null=True)
    at = models.DateTimeField()
