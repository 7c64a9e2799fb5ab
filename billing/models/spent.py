"""What a team was charged in half an hour: sums of ledger entries, so that pages and limits over months add up few
rows."""

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


class RepositorySpent(TeamOwned):
    """The same of one repository, by a trigger too (migrations/0029_repository_spent.py). `repository` is in small
    letters, for forges don't tell capitals apart. An index has all columns, so that a month is read without the
    table."""

    repository = models.CharField(max_length=300)
    at = models.DateTimeField()
    amount = TftField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "repository", "at"], include=["amount"], name="one_sum_of_a_repository"
            )
        ]
