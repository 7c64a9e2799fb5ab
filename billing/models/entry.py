"""One movement of TFT, written once."""

from django.db import models
from django.utils.translation import gettext_lazy

from billing.models.fields import TftField
from billing.uses import Use
from tfci.accounts.tenancy import TeamOwned


class LedgerEntry(TeamOwned):
    """Signed amount (negative = spent). What it was for stands as plain text and numbers:
    history outlives rows, and billing knows nothing of runners."""

    class Kind(models.TextChoices):
        GRANT = "grant", gettext_lazy("starter grant")
        DEPOSIT = "deposit", gettext_lazy("deposit")
        CHARGE = "charge", gettext_lazy("VM time")

    wallet = models.ForeignKey("billing.Wallet", on_delete=models.PROTECT, related_name="entries")
    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=10, choices=Kind)
    amount = TftField()
    at = models.DateTimeField()
    use = models.CharField(max_length=10, blank=True, choices=[(use.value, use.value) for use in Use])
    vm_id = models.BigIntegerField(null=True)
    job_id = models.BigIntegerField(null=True)
    pool_id = models.BigIntegerField(null=True)
    pool = models.CharField(max_length=100, blank=True)
    repository = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(use__in=[use.value for use in Use], kind="charge")
                | models.Q(~models.Q(kind="charge"), use=""),
                name="a_charge_has_a_use",
            )
        ]
        indexes = [
            models.Index(fields=["team", "-at", "-id"], name="ledger_of_a_team"),
            models.Index(fields=["team", "-id"], name="ledger_pages_of_a_team"),
            models.Index(fields=["vm_id"], name="ledger_of_a_vm"),
            models.Index(fields=["job_id"], name="ledger_of_a_job"),
            models.Index(
                "team", models.F("job_id").desc(nulls_last=True), "at", name="ledger_jobs_of_a_team"
            ),
        ]
