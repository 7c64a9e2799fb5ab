"""One reboot of a VM between two jobs: what was there before can't be read after it."""

from django.db import models


class Refresh(models.Model):
    """Made and opened by lifecycle.py; closed by agents/reports.py with the one claim that comes in its window."""

    vm = models.ForeignKey("runners.VM", on_delete=models.CASCADE, related_name="refreshes")
    began_at = models.DateTimeField()
    opened_at = models.DateTimeField(
        null=True
    )  # its forge no longer has the runner; its agent is told to end
    closes_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["claimed_at"], name="refreshes_of_late")]
        constraints = [
            models.UniqueConstraint(
                fields=["vm"], condition=models.Q(claimed_at=None), name="one_open_refresh_a_vm"
            )
        ]

    def __str__(self) -> str:
        return f"{self.vm}, {self.began_at:%Y-%m-%d %H:%M:%S}"
