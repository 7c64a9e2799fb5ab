"""A limit that a team has set for its own spending."""

from django.db import models
from django.db.models.functions import Lower

from billing.models.fields import TftField
from billing.spending_kinds import LimitPeriod, LimitScope
from tfci.accounts.tenancy import TeamOwned


class SpendingLimit(TeamOwned):
    """Written by billing/spending/changes.py. `pool_id`: billing knows nothing of runners' rows; `repository` as its
    forge writes it. One that does not stop only warns."""

    scope = models.CharField(max_length=10, choices=[(scope.value, scope.value) for scope in LimitScope])
    period = models.CharField(max_length=5, choices=[(period.value, period.value) for period in LimitPeriod])
    pool_id = models.BigIntegerField(null=True)
    repository = models.CharField(max_length=300, blank=True)
    amount = TftField()
    stops = models.BooleanField(default=True, db_default=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "team",
                "scope",
                "period",
                "pool_id",
                Lower("repository"),
                nulls_distinct=False,
                name="one_spending_limit_of_a_kind",
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0), name="a_spending_limit_leaves_something"
            ),
            models.CheckConstraint(
                condition=models.Q(scope=LimitScope.TEAM.value, pool_id=None, repository="")
                | models.Q(scope=LimitScope.POOL.value, pool_id__isnull=False, repository="")
                | models.Q(~models.Q(repository=""), scope=LimitScope.REPOSITORY.value, pool_id=None),
                name="a_spending_limit_has_one_target",
            ),
        ]
