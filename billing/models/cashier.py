"""The operator's account that takes TFT in and pays TFT out, and what it signed."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from billing.models.fields import TftField
from tfci.core.reasons import Reason
from tfci.core.vault import SealedField
from tfci.grid import reasons
from tfci.grid.payment_ports import SignedCall


class Cashier(models.Model):
    """Of one network; it deploys nothing. `block_…`: the final block up to which its chain was read for deposits.

    One that was replaced has no network: its successor reads the chain for both, and is handed over what it holds."""

    network = models.CharField(max_length=20, unique=True, null=True)
    successor = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="predecessors")
    replaced_at = models.DateTimeField(null=True)
    emptied_at = models.DateTimeField(null=True)  # last: replaced, and nothing was left to hand over
    address = models.CharField(max_length=60)
    mnemonic = SealedField()
    genesis = models.CharField(max_length=70, blank=True)
    block_number = models.PositiveBigIntegerField(null=True)
    block_hash = models.CharField(max_length=70, blank=True)
    block_at = models.DateTimeField(null=True)
    watched_at = models.DateTimeField(null=True)  # when that was last the newest, to a minute
    bridge_fee = TftField(null=True)  # what the bridge keeps of a payment from Stellar
    compared_number = models.PositiveBigIntegerField(
        default=0, db_default=0
    )  # the operator knows all acts before it
    problem = models.CharField(max_length=40, blank=True)
    problem_params = models.JSONField(null=True)

    def __str__(self) -> str:
        return f"cashier {self.address}"

    @property
    def read_to(self) -> int:
        """The block up to which deposits at its addresses are known."""
        return (self.successor or self).block_number or 0

    @property
    def typed_problem(self) -> Reason | None:
        return reasons.read(self.problem, self.problem_params) if self.problem else None


class CashierAct(models.Model):
    """One signed call, whose bytes stand here before they are sent. Nothing is signed while another one could still be
    carried out, so no payment can happen twice."""

    class Purpose(models.TextChoices):
        OPENING = "opening", gettext_lazy("deposit addresses")
        SWEEP = "sweep", gettext_lazy("collecting deposits")
        WITHDRAWAL = "withdrawal", gettext_lazy("withdrawal")
        HANDOVER = "handover", gettext_lazy("handover to the new cashier")

    class State(models.TextChoices):
        SENT = "sent", gettext_lazy("Sent, not final")  # or about to be sent
        DONE = "done", gettext_lazy("Done")
        FAILED = "failed", gettext_lazy("Failed")
        EXPIRED = "expired", gettext_lazy("Expired, not carried out")
        NUMBER_USED = "number_used", gettext_lazy("Replaced by another program, not carried out")

    cashier = models.ForeignKey(Cashier, on_delete=models.PROTECT, related_name="acts")
    purpose = models.CharField(max_length=12, choices=Purpose)
    withdrawal = models.ForeignKey(
        "billing.Withdrawal", on_delete=models.PROTECT, null=True, related_name="acts"
    )  # that it pays
    state = models.CharField(max_length=12, choices=State, default=State.SENT)
    data = models.TextField()
    hash = models.CharField(max_length=70, unique=True)
    nonce = models.PositiveBigIntegerField()
    born_at = models.PositiveBigIntegerField()  # in blocks, as the next
    dies_at = models.PositiveBigIntegerField()
    signed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    block_number = models.PositiveBigIntegerField(null=True)
    fee = TftField(default=0)
    failed_calls = models.PositiveIntegerField(default=0)
    burn_id = models.PositiveBigIntegerField(null=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cashier"], condition=Q(state="sent"), name="one_living_act_a_cashier"
            )
        ]

    @property
    def signed(self) -> SignedCall:
        return SignedCall(self.data, self.hash, self.nonce, self.born_at, self.dies_at)
