"""What the grid did to a node: it came up, went down, left, or has another price."""

from django.db import models
from django.utils.translation import gettext_lazy


class NodeChange(models.Model):
    class Kind(models.TextChoices):
        CAME_UP = "up", gettext_lazy("came up")
        WENT_DOWN = "down", gettext_lazy("went down")
        LEFT = "left", gettext_lazy("left the grid")
        PRICE = "price", gettext_lazy("has another price")

    node = models.ForeignKey("grid.Node", on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=5, choices=Kind)
    at = models.DateTimeField()  # when the mirror saw it
    was = models.FloatField(null=True)  # of a price: USD a month of the whole node
    now = models.FloatField(null=True)

    class Meta:
        indexes = [models.Index(fields=["-at", "-id"], name="newest_changes")]

    def __str__(self) -> str:
        return f"{self.node} {self.get_kind_display()}"
