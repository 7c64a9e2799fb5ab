"""One movement of TFT, written once."""

from django.db import models
from django.utils.translation import gettext_lazy

from billing import ledger_accounts
from billing.models.fields import TftField
from billing.uses import Use
from tfci.accounts.tenancy import TeamOwned
from tfci.core.tft import Tft

NAMES, VM_TIME = ledger_accounts.NAMES, ledger_accounts.VM_TIME


class LedgerEntry(TeamOwned):
    """`moved`, always above zero, went from one account to another. What it was for stands as plain text and numbers:
    history outlives rows, and billing knows nothing of runners. Triggers of PostgreSQL keep the balances, and refuse
    to change an entry (migrations/0017_accounts.py, 0019_entries_stay.py)."""

    class Kind(models.TextChoices):
        GRANT = "grant", gettext_lazy("starter grant")
        DEPOSIT = "deposit", gettext_lazy("deposit")
        CHARGE = "charge", gettext_lazy("VM time")
        SWEEP = "sweep", gettext_lazy("sweep to the cashier")  # moves nothing of a team's balance
        WITHDRAWAL = "withdrawal", gettext_lazy("withdrawal")

    wallet = models.ForeignKey("billing.Wallet", on_delete=models.PROTECT, related_name="entries")
    key = models.CharField(max_length=160, unique=True)
    kind = models.CharField(max_length=10, choices=Kind)
    from_account = models.CharField(max_length=40)
    to_account = models.CharField(max_length=40)
    moved = TftField()
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
            ),
            models.CheckConstraint(condition=models.Q(moved__gt=0), name="an_entry_moves_something"),
            models.CheckConstraint(
                condition=~models.Q(from_account=models.F("to_account")), name="an_entry_has_two_accounts"
            ),
            models.CheckConstraint(
                condition=models.Q(from_account__regex=NAMES, to_account__regex=NAMES),
                name="an_entry_names_accounts",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="charge")
                | models.Q(from_account__in=VM_TIME)
                | models.Q(to_account__in=VM_TIME),
                name="a_charge_is_for_vm_time",
            ),
        ]
        indexes = [
            models.Index(fields=["team", "-at", "-id"], name="ledger_of_a_team"),
            models.Index(fields=["team", "-id"], name="ledger_pages_of_a_team"),
            models.Index(fields=["vm_id"], name="ledger_of_a_vm"),
            models.Index(fields=["job_id"], name="ledger_of_a_job"),
            models.Index(
                "team", models.F("job_id").desc(nulls_last=True), "at", name="ledger_jobs_of_a_team"
            ),
            models.Index(
                fields=["team", "-id"],
                condition=models.Q(kind__in=["grant", "deposit"]),
                name="top_ups_of_a_team",
            ),
        ]

    @property
    def charged(self) -> Tft:
        """What it took for VM time, whoever pays for that; below zero where it gave back."""
        if self.kind != self.Kind.CHARGE:
            return Tft()
        return Tft(self.moved if self.to_account in VM_TIME else -self.moved)

    @property
    def amount(self) -> Tft:
        """What it did to its team's balance: below zero where it was spent."""
        own = ledger_accounts.own(self.team_id)
        return Tft(int(self.moved) * ((self.to_account in own) - (self.from_account in own)))
