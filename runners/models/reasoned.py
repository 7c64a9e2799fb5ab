"""Rows that state a reason."""

from django.db import models

from runners.reasons import catalogue
from tfci.core import reasons


class Reasoned(models.Model):
    """Why a row is as it is, as a code of reasons/catalogue.py with its parameters."""

    reason = models.CharField(max_length=40, blank=True, default="", db_default="")
    reason_params = models.JSONField(null=True)

    class Meta:
        abstract = True

    @property
    def typed_reason(self) -> reasons.Reason | None:
        return catalogue.read(self.reason, self.reason_params) if self.reason else None

    def set_reason(self, reason: reasons.Reason | None) -> None:
        """Not saved: `update_fields` are reason and reason_params."""
        for name, value in reasons.columns(reason).items():
            setattr(self, name, value)
