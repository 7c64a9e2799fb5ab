"""Who had the starter grant."""

from django.conf import settings
from django.db import models

from billing.models.fields import TftField


class StarterGrant(models.Model):
    """Once a person, and once an address: it outlives account and team. Written by billing/grants.py."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    address = models.CharField(max_length=64, unique=True)  # tfci/accounts/email_identity.py
    team = models.ForeignKey("accounts.Team", on_delete=models.SET_NULL, null=True, related_name="+")
    amount = TftField()
    at = models.DateTimeField()
