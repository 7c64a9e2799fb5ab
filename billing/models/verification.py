"""One check of the whole ledger, and what it found."""

from django.db import models


class Verification(models.Model):
    """Written by billing/verification.py. `differences`: [cause, how many] of each cause that has any. `bills`: what
    the chain billed, what was charged for it, and the causes of the difference, in 1e-7 TFT."""

    at = models.DateTimeField()
    seconds = models.FloatField()
    entries = models.BigIntegerField()
    differences = models.JSONField(default=list)
    bills = models.JSONField(default=dict, db_default={})

    class Meta:
        indexes = [models.Index(fields=["-at"], name="newest_verification")]
