"""What happened: a move of a VM, a decision about a pool, a remark on a job."""

from django.db import models

from runners.models.reasoned import Reasoned


class Event(Reasoned):
    """Written once. `was` and `now` are states, empty where nothing moved."""

    team = models.ForeignKey("accounts.Team", on_delete=models.CASCADE, null=True)
    pool = models.ForeignKey("runners.Pool", on_delete=models.CASCADE, null=True, related_name="events")
    vm = models.ForeignKey("runners.VM", on_delete=models.CASCADE, null=True, related_name="events")
    job = models.ForeignKey("runners.Job", on_delete=models.CASCADE, null=True, related_name="events")
    was = models.CharField(max_length=12, blank=True)
    now = models.CharField(max_length=12, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["team", "-id"], name="events_of_a_team"),
            models.Index(
                fields=["pool", "-id"],
                condition=models.Q(pool__isnull=False, vm=None, job=None),
                name="decisions_of_a_pool",
            ),
        ]

    def __str__(self) -> str:
        return str(self.typed_reason or "")
