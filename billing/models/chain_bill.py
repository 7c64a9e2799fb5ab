"""What the chain took of one of our accounts, as it was reported."""

from django.db import models
from django.db.models.functions import Now

from billing.models.fields import TftField


class ChainBill(models.Model):
    """Of any contract of the twin, one that we know nothing of too. With the prices at that time, as read: 1e-7 USD an
    hour, and a TFT in 1e-3 USD, from `lowest_musd` to `highest_musd` where other prices were read before and after it.
    `final`: its contract's last."""

    twin = models.ForeignKey("billing.Twin", on_delete=models.PROTECT, related_name="bills")
    contract_id = models.BigIntegerField()
    at = models.DateTimeField()
    amount = TftField()
    discount_percent = models.PositiveSmallIntegerField()
    cu_price = models.PositiveIntegerField()
    su_price = models.PositiveIntegerField()
    certified_percent = models.PositiveSmallIntegerField()
    lowest_musd = models.PositiveIntegerField()
    highest_musd = models.PositiveIntegerField()
    final = models.BooleanField()
    read_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["twin", "contract_id", "at"], name="a_contract_is_billed_once"),
            models.CheckConstraint(
                condition=models.Q(lowest_musd__gte=1, highest_musd__gte=models.F("lowest_musd")),
                name="a_bill_has_a_price",
            ),
        ]
        indexes = [
            models.Index(
                fields=["twin", "contract_id"], condition=models.Q(final=True), name="contracts_billed"
            )
        ]
