"""A failed job of a pool that has lost jobs run again: looked into once its VM is gone, and then asked for."""

from django.db import models

from runners.models.reasoned import Reasoned


class Rerun(Reasoned):
    """Made by jobs/ingest.py with the job's end, carried out by jobs/auto_rerun.py. Its reason is what came of it."""

    job = models.OneToOneField("runners.Job", on_delete=models.CASCADE, related_name="rerun")
    made_at = models.DateTimeField()
    next_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)  # its forge may run it again from here on
    asked_at = models.DateTimeField(null=True)  # its forge said that it does
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["next_at"], condition=models.Q(ended_at=None), name="reruns_to_look_into")
        ]

    def __str__(self) -> str:
        return str(self.typed_reason or "")
