"""A key to the API, of a team and not of a person."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy

from tfci.accounts.tenancy import TeamOwned


class Scope(models.TextChoices):
    """What each may do stands beside the roles: tfci/accounts/access.py."""

    READ = "read", gettext_lazy("Read")
    WRITE = "write", gettext_lazy("Write")


class Token(TeamOwned):
    """Only the digest is kept; the prefix is what people recognise it by."""

    name = models.CharField(max_length=60)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    scope = models.CharField(max_length=5, choices=Scope)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"token {self.name} ({self.prefix}…)"
