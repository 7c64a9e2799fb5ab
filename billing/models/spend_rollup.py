"""The roll-up of charges behind the spend pages. Only runners/metering/spend_rollup.py writes it, and `verify` compares
it with the ledger."""

from django.db import models

from billing.models.fields import TftField
from billing.uses import Use
from tfci.accounts.tenancy import TeamManager, TeamOwned

USES = [use.value for use in Use]


class SpendDimensions(TeamOwned):
    """What charges are for, one row a combination: plain numbers and texts, since history outlives rows."""

    pool_id = models.BigIntegerField(null=True)
    connection_id = models.BigIntegerField(null=True)
    repository = models.CharField(max_length=300)
    workflow = models.CharField(max_length=300)
    size = models.CharField(max_length=60)
    person = models.CharField(max_length=200)
    digest = models.CharField(max_length=32)  # of all of it, which is too long for an index

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "digest"], name="one_row_a_combination_of_a_team")
        ]


class SpendBucket(models.Model):
    """What a team was charged in a quarter of an hour for one combination on one node, by use. `at` is when the quarter
    begins: so does each day, in every time zone. An index has all columns, so that a year is read without the table."""

    team = models.ForeignKey("accounts.Team", on_delete=models.CASCADE, db_index=False)
    at = models.DateTimeField()
    dimensions = models.ForeignKey(SpendDimensions, on_delete=models.CASCADE, db_index=False)
    node = models.BigIntegerField(null=True)  # the grid's number
    job = TftField()
    boot = TftField()
    idle = TftField()
    teardown = TftField()
    refresh = TftField()
    debug = TftField()
    server = TftField()

    objects = TeamManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "at", "dimensions", "node"],
                include=USES,
                nulls_distinct=False,
                name="one_bucket_of_a_kind",
            )
        ]


class SpendCursor(models.Model):
    """Up to which entry the charges of a team are in its buckets. It moves in the transaction that adds them."""

    team = models.OneToOneField("accounts.Team", on_delete=models.CASCADE, primary_key=True)
    entry_id = models.BigIntegerField(default=0)

    objects = TeamManager()
