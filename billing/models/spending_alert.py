"""A threshold of a team's balance or of one of its limits that was crossed."""

from django.db import models

from billing.models.fields import TftField
from billing.models.spending_limit import SpendingLimit
from billing.spending_kinds import AlertKind
from tfci.accounts.tenancy import TeamOwned


class SpendingAlert(TeamOwned):
    """Written once in its episode by billing/spending/alerts.py. `threshold`: days left, or percent; `value`: what was
    left, spent or cost then. While it `holds`, pages show it."""

    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in AlertKind])
    limit = models.ForeignKey(SpendingLimit, on_delete=models.CASCADE, null=True, related_name="+")
    threshold = models.PositiveSmallIntegerField()
    episode = models.CharField(max_length=60)
    value = TftField()
    job_id = models.BigIntegerField(null=True)
    crossed_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True)
    holds = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "kind", "limit", "episode", "threshold"],
                nulls_distinct=False,
                name="one_alert_a_crossing",
            )
        ]
        indexes = [
            models.Index(fields=["crossed_at"], condition=models.Q(mailed_at=None), name="alerts_to_mail"),
        ]
