"""A team's request to the operator for TFT."""

from django.conf import settings
from django.db import models

from tfci.accounts.tenancy import TeamOwned


class CreditRequest(TeamOwned):
    """At most one of a team is open. Written by billing/credit_requests.py."""

    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    note = models.CharField(max_length=500, blank=True)
    asked_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True)  # to the operators
    answered_at = models.DateTimeField(null=True)
    declined_because = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team"], condition=models.Q(answered_at=None), name="one_open_request_a_team"
            )
        ]
