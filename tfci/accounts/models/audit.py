"""Who did what to what, and when."""

from django.db import models


class AuditEntry(models.Model):
    """Plain text, since it outlives the rows it is about. Written by tfci/accounts/audit.py alone.
    Without a team it is the operator's."""

    team = models.ForeignKey("accounts.Team", on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    who = models.CharField(max_length=300)
    what = models.CharField(max_length=40)  # the verb of access.py that it took
    action = models.CharField(max_length=40, blank=True, default="", db_default="")  # of audit_actions.py
    on = models.CharField(max_length=300, blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    note = models.CharField(max_length=300, blank=True, db_default="")  # the actor's own text

    class Meta:
        indexes = [
            models.Index(fields=["team", "-id"], name="audit_by_team"),
            models.Index(fields=["team", "who", "-id"], name="audit_by_who"),
            models.Index(fields=["team", "what", "-id"], name="audit_by_what"),
        ]
