"""One webhook delivery: stored at the door, processed right after, kept so that a duplicate is recognized."""

from django.db import models


class Delivery(models.Model):
    connection = models.ForeignKey("forges.Connection", on_delete=models.CASCADE, related_name="deliveries")
    delivery_id = models.CharField(max_length=80)
    event = models.CharField(max_length=40)
    received_at = models.DateTimeField(db_index=True)
    told = models.BinaryField(null=True)  # a WebhookEvent as JSON; None once processed, or if nothing follows

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "delivery_id"], name="a_delivery_counts_once")
        ]
        indexes = [
            models.Index(
                fields=["connection", "id"],
                condition=models.Q(told__isnull=False),
                name="deliveries_to_take_in",
            )
        ]
