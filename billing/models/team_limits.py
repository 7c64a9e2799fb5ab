"""The operator's limits for one team, where they differ from the defaults."""

from django.db import models

from billing.models.fields import TftField


class TeamLimits(models.Model):
    """A column that is empty follows the installation's setting. Read and written by billing/limits.py."""

    team = models.OneToOneField("accounts.Team", on_delete=models.CASCADE, related_name="limits")
    max_vms = models.PositiveIntegerField(null=True)
    max_per_hour = TftField(null=True)
    max_job_minutes = models.PositiveIntegerField(null=True)
