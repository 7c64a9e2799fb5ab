"""What forges told -> jobs: a delivery that the door has written down is taken in with all that follows from it."""

from datetime import datetime

from django.db import transaction

from runners import jobs, poll
from runners.news import News
from tfci.forges import connect, inbox
from tfci.forges.models import LinkedOrg

MOST = 100  # deliveries in one transaction


def due() -> list[int]:
    """The organisations whose forges told something that is not taken in."""
    return list(inbox.waiting().values_list("org_id", flat=True).distinct())


@transaction.atomic
def take(org_id: int, now: datetime) -> News | None:
    """The next few deliveries of one organisation; None where nothing is left. A job was heard of when the door
    heard of it."""
    org = LinkedOrg.objects.select_related("team").get(pk=org_id)
    told = inbox.take(org_id, MOST)
    readings = [jobs.Reading(seen, at) for heard, at in told for seen in heard.jobs]
    news = jobs.observe_all(org, readings)
    connect.told(org, told)
    if readings:
        poll.stir(org, now, within=poll.OFTEN)
    elif any(heard.stirred for heard, _ in told):
        poll.stir(org, now)
        news.orgs.add(org.pk)
    return news if told else None
