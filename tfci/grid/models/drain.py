"""A node that a team empties: nothing of its new VMs goes there."""

from django.db import models

from tfci.accounts.tenancy import TeamOwned


class Drain(TeamOwned):
    """Written by drains.py; gone when the team uses the node again."""

    node = models.ForeignKey("grid.Node", on_delete=models.CASCADE, related_name="drains")
    began_at = models.DateTimeField()
    by = models.CharField(max_length=200)  # who, as people read it

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "node"], name="one_drain_a_node")]

    def __str__(self) -> str:
        return str(self.node)
