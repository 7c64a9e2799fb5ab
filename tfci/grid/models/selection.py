"""Filters of the node finder that a team keeps under a name."""

from django.db import models

from tfci.accounts.tenancy import TeamOwned


class NodeSelection(TeamOwned):
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000)  # of the finder's address, without its "?"

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "name"], name="one_selection_a_name")]
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
