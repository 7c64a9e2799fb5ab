"""One check of the whole ledger, and what it found."""

from django.db import models


class Verification(models.Model):
    """Written by billing/verification.py. `differences`: [cause, how many] of each cause that has any."""

    at = models.DateTimeField()
    seconds = models.FloatField()
    entries = models.BigIntegerField()
    differences = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["-at"], name="newest_verification")]
