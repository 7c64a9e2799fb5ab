"""What an account holds."""

from django.db import models

from billing.models.fields import TftField
from tfci.accounts.tenancy import TeamOwned


class AccountBalance(TeamOwned):
    """Of one team's entries, so that teams that are charged at once do not wait for one row of the operator's: an
    account holds the sum of its rows. Written by a trigger on the ledger alone (migrations/0017_accounts.py). The rows
    of a team add up to 0."""

    account = models.CharField(max_length=40)
    amount = TftField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "account"], name="one_balance_an_account_and_team")
        ]
