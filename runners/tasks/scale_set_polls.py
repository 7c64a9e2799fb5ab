"""Calls for messages: each holds a thread for up to a minute, so they have a worker of their own, which only runs where
scale sets are turned on."""

from celery import shared_task
from django.utils import timezone

from runners import gateways
from runners.connections import scale_sets
from runners.queue import nudges


@shared_task
@nudges.merge
def listen(*, scale_set_id: int, **_: object) -> None:
    """Poll one scale set once, and again at once: a superfluous call finds that it is not due."""
    row = scale_sets.lease_due(scale_set_id, timezone.now())
    if row is None:
        return
    nudges.follow(scale_sets.step(row, gateways.GATEWAYS))
    nudges.listen(scale_set_id)
