"""Where a team pays TFT in, and what moved there."""

from django.db import models
from django.db.models import Q

from billing.models.fields import TftField
from tfci.accounts.tenancy import TeamOwned


class DepositAddress(TeamOwned):
    """A sub-account of the cashier for one team. It is shown once the chain named its twin. `stopped_at`: since when
    the chain has something else there than what came and went, so that nothing more is credited. `seen`: what came in
    blocks that are not final (billing/cashier/deposits.py), and may still be replaced."""

    cashier = models.ForeignKey("billing.Cashier", on_delete=models.PROTECT, related_name="addresses")
    index = models.PositiveIntegerField()
    address = models.CharField(max_length=60, unique=True)
    twin_id = models.PositiveBigIntegerField(null=True)
    last_swept_at = models.DateTimeField(null=True)  # last; before the first time when it was made
    stopped_at = models.DateTimeField(null=True)
    seen = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cashier", "index"], name="one_address_an_index"),
            models.UniqueConstraint(fields=["cashier", "team"], name="one_address_a_team"),
        ]


class ChainTransfer(models.Model):
    """One event of a final block that moved TFT to or from a deposit address, or to the cashier (`address` is null).
    `key`: genesis, hash of the block, place of the event."""

    class Movement(models.TextChoices):
        DEPOSIT = "deposit"
        OPENING = "opening"  # the operator's own TFT, which keeps the address alive
        SWEEP = "sweep"
        STRAY = "stray"  # from an address to elsewhere: somebody else has the cashier's words
        CASHIER = "cashier"  # to the cashier from outside: of nobody that we know

    class Kind(models.TextChoices):
        TRANSFER = "transfer"
        MINT = "mint"
        UNNAMED = "unnamed"  # a difference, where no node has the events of that time any more

    key = models.CharField(max_length=160, unique=True)
    address = models.ForeignKey(DepositAddress, on_delete=models.PROTECT, null=True, related_name="transfers")
    role = models.CharField(max_length=10, choices=Movement)
    kind = models.CharField(max_length=10, choices=Kind)
    source = models.CharField(max_length=60, blank=True)
    target = models.CharField(max_length=60)
    amount = TftField()
    stellar_transaction = models.CharField(max_length=100, blank=True)
    block_number = models.PositiveBigIntegerField()
    at = models.DateTimeField()  # of its block
    booked_at = models.DateTimeField(null=True)  # in the ledger; an opening and the cashier's never are

    class Meta:
        indexes = [
            models.Index(fields=["address", "-id"], name="transfers_of_an_address"),
            models.Index(
                fields=["address"],
                condition=Q(booked_at=None, role__in=["deposit", "sweep"]),
                name="unbooked_transfers",
            ),
        ]
