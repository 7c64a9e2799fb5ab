"""A link by which one person joins a team."""

from datetime import datetime

from django.conf import settings
from django.db import models

from tfci.accounts.models.team import Role
from tfci.accounts.tenancy import TeamOwned


class Invitation(TeamOwned):
    """Only the link's digest is kept. With an address it is for whoever owns that address, else for whoever has it."""

    email = models.EmailField(blank=True)  # in lower case
    role = models.CharField(max_length=6, choices=Role)
    digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"invitation of {self.email}" if self.email else f"invitation by link {self.pk}"

    def is_open(self, now: datetime) -> bool:
        """Whether somebody can still join by it."""
        return self.accepted_at is None and self.revoked_at is None and now < self.expires_at
