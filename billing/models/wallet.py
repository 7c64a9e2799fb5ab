"""A team's TFT."""

from django.db import models

from billing.models.fields import TftField
from tfci.accounts.tenancy import TeamOwned


class Wallet(TeamOwned):
    """Prepaid with the operator's twin, unless new VMs run on the team's own. `balance` is what the team's own accounts
    hold together, for each page reads it. The ledger's trigger moves it with the others (migrations/0017_accounts.py,
    0031_own_twins.py)."""

    twin = models.ForeignKey("billing.Twin", on_delete=models.PROTECT, null=True, related_name="wallets")
    own_twin = models.OneToOneField(
        "billing.Twin", on_delete=models.PROTECT, null=True, related_name="own_wallet"
    )  # which signs for new VMs and pays for them; one that is not used is none
    balance = TftField(default=0)

    # a balance that runs out: billing/balance_warnings.py
    warned_at = models.DateTimeField(null=True)
    runs_out_at = models.DateTimeField(null=True)  # about, while warned
    spent_at = models.DateTimeField(null=True)  # its VMs were ended
    warned_mailed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team"], name="one_wallet_a_team")]
