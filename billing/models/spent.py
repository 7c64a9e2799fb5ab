"""What a team was charged in half an hour: sums of ledger entries, so that pages over months add up few rows."""

from django.db import models

from billing.models.fields import TftField
from tfci.accounts.tenancy import TeamOwned


class Spent(TeamOwned):
    """Written by a trigger on the ledger alone (migrations/0017_accounts.py), so it always equals it. `at` is when the
    half hour begins: the days of nearly all time zones begin with one. `amount` is positive."""

    at = models.DateTimeField()
    use = models.CharField(max_length=10)
    pool_id = models.BigIntegerField(null=True)
    pool = models.CharField(max_length=100)
    amount = TftField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "at", "use", "pool_id", "pool"],
                nulls_distinct=False,
                name="one_sum_of_a_kind",
            )
        ]
