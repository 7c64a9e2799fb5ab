"""An organisation is unlinked, and nothing of us is left at its forge."""

from tests.journeys.people import JOURNEY
from tfci.management.up.waiting import until

pytestmark = JOURNEY


def test_unlinking_leaves_nothing_behind(owner, place, linked):
    until(lambda: place.get(f"/orgs/{place.org}/hooks").json, 30, "the webhook")
    owner.go("Connections")
    owner.follow(place.org)
    owner.follow("Disconnect")
    owner.sees("Queued jobs are refused immediately")
    owner.confirm("Disconnect")
    owner.sees(f"{place.org} is being disconnected")
    until(lambda: not (place.runners() or place.get(f"/orgs/{place.org}/hooks").json), 60, "an empty forge")
