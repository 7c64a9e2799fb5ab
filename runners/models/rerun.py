"""A failed job of a pool that has lost jobs run again: looked into once its machine is gone, and then asked for."""

from django.db import models


class Rerun(models.Model):
    """Made by jobs/ingest.py with the job's end, carried out by jobs/auto_rerun.py. `said` is for people."""

    job = models.OneToOneField("runners.Job", on_delete=models.CASCADE, related_name="rerun")
    made_at = models.DateTimeField()
    next_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)  # its forge may run it again from here on
    asked_at = models.DateTimeField(null=True)  # its forge said that it does
    ended_at = models.DateTimeField(null=True)
    said = models.TextField(blank=True)  # what came of it

    class Meta:
        indexes = [
            models.Index(fields=["next_at"], condition=models.Q(ended_at=None), name="reruns_to_look_into")
        ]

    def __str__(self) -> str:
        return self.said
