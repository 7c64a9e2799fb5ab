"""The tenant, and who belongs to it. Everything a customer owns belongs to one team."""

from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy


class Role(models.TextChoices):
    """From most to least. What each may do is one table: tfci/accounts/access.py."""

    OWNER = "owner", gettext_lazy("Owner")
    ADMIN = "admin", gettext_lazy("Admin")
    MEMBER = "member", gettext_lazy("Member")
    VIEWER = "viewer", gettext_lazy("Viewer")


class Team(models.Model):
    name = models.CharField(max_length=60)
    slug = models.SlugField(max_length=60, unique=True)
    created_at = models.DateTimeField()
    closing_at = models.DateTimeField(null=True)  # deletion has started: runners/team_deletion.py drains it
    closed_at = models.DateTimeField(null=True)
    needs_two_factors = models.BooleanField(default=False, db_default=False)
    time_zone = models.CharField(max_length=50, default="UTC", db_default="UTC")
    month_zones = models.JSONField(default=dict, db_default={})  # of its statements: accounts/months.py
    billing_details = models.TextField(max_length=500, blank=True, default="", db_default="")
    people = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Membership", related_name="teams")

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> ZoneInfo:
        """Where its days and hours begin, for everyone who looks at them."""
        return ZoneInfo(self.time_zone)


class Membership(models.Model):
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=6, choices=Role)
    joined_at = models.DateTimeField()
    role_changed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "user"], name="one_role_for_each_person_of_a_team")
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.role})"
