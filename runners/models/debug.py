"""One person's way into a VM, by SSH, for a bounded time."""

from django.conf import settings
from django.db import models

from runners.reasons import catalogue
from tfci.core.reasons import Reason


class DebugAccess(models.Model):
    """A request that the VM's agent carries out, with the agent's answer. It ends at `closes_at` at the latest."""

    vm = models.ForeignKey("runners.VM", on_delete=models.CASCADE, related_name="debug")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    who = models.CharField(max_length=300)  # as the audit log names that person
    keys = models.JSONField()  # public ones, as the VM gets them
    opened_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    kept_at = models.DateTimeField(null=True)  # from then on the VM is there for this alone

    # what the agent answered
    host_key = models.CharField(max_length=200, blank=True)
    refusal = models.CharField(max_length=40, blank=True, db_default="")
    refusal_params = models.JSONField(null=True)

    class Meta:
        verbose_name_plural = "debug accesses"
        constraints = [
            models.UniqueConstraint(
                fields=["vm"], condition=models.Q(closed_at=None), name="one_person_in_a_vm"
            )
        ]

    def __str__(self) -> str:
        return f"{self.who} in {self.vm}"

    @property
    def typed_refusal(self) -> Reason | None:
        return catalogue.read(self.refusal, self.refusal_params) if self.refusal else None
