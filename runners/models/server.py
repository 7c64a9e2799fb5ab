"""A long-lived server of a team: an app of the catalogue that Farmhand keeps up on one VM at a time."""

import json

from django.db import models

from runners.models.reasoned import Reasoned
from tfci.accounts.tenancy import TeamOwned
from tfci.core.vault import SealedField


class Server(Reasoned, TeamOwned):
    """What the team asked for. Its VMs are VMs with `server` set, one alive at a time (servers/reconcile.py)."""

    min_distinct_nodes = 1  # a choice of nodes as a pool's, for one VM

    name = models.CharField(max_length=60)
    app = models.CharField(max_length=40)  # of the catalogue
    cpu = models.PositiveIntegerField()
    memory_gb = models.PositiveIntegerField()
    disk_gb = models.PositiveIntegerField()
    nodes = models.JSONField(default=dict, blank=True)  # as a pool's
    words = SealedField()  # JSON: the app's settings that people chose, and the secrets that were made for it
    created_at = models.DateTimeField()
    closing_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "name"], condition=models.Q(closed_at=None), name="one_server_of_a_name"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def size(self) -> str:
        """Canonical text, as labels.py writes it."""
        return f"{self.cpu}cpu{self.memory_gb}gbram{self.disk_gb}gbssd"

    @property
    def settings(self) -> dict[str, str]:
        """Its app's settings, secrets among them: for its VM, and for who may see them."""
        return json.loads(self.words.reveal())
