"""A scale set is heard turn by turn; one that is to go needs no listener for that."""

import pytest
from django.utils import timezone

from runners.gateways import Gateways
from runners.tasks import due, forge_calls, scale_set_polls
from tests.builders import a_connection
from tfci.core.secret import Secret
from tfci.forges.errors import Unreachable
from tfci.forges.models import ScaleSet
from tfci.forges.ports.scale_sets import Session
from tfci.forges.problems import ProblemCode

pytestmark = pytest.mark.django_db


class Sets:
    """Scale sets of which nothing is told; `broken` is raised instead."""

    access, broken = None, None

    def ready(self):
        return False

    def next_message(self, session, last, capacity):
        if self.broken:
            raise self.broken

    def close(self, set_id, session):
        pass

    def remove(self, set_id):
        self.removed = set_id


@pytest.fixture
def sets(monkeypatch):
    made = Sets()
    monkeypatch.setattr(
        "runners.gateways.GATEWAYS", Gateways(None, None, timezone.now, scale_sets=lambda connection: made)
    )
    return made


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    """What is to happen after the commit happens."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def a_scale_set(**fields):
    now = timezone.now()
    row = ScaleSet(
        connection=a_connection(forge="github"),
        label="small",
        set_id="7",
        due_at=now,
        leased_until=now,
        **fields,
    )
    row.session = Session("s", "https://queue.example.org", Secret("t"))
    row.save()
    return row


def test_each_turn_asks_for_the_next(sent, sets, committed):
    row = a_scale_set()
    with committed():
        scale_set_polls.listen(scale_set_id=row.pk)
    assert sent == [("runners.tasks.scale_set_polls.listen", {"scale_set_id": row.pk})]
    with committed():
        scale_set_polls.listen(scale_set_id=row.pk)  # nothing was told, and it is not due yet
    assert len(sent) == 1


def test_after_trouble_it_waits_for_its_time(sets, sent, committed):
    row, sets.broken = a_scale_set(), Unreachable("It did not answer in time.")
    scale_set_polls.listen(scale_set_id=row.pk)
    row.refresh_from_db()
    assert (row.problem, row.due_at > timezone.now()) == (ProblemCode.FORGE_NO_ANSWER, True)
    with committed():
        due.poll_scale_sets()
    assert sent == []


def test_the_schedule_hears_what_is_wanted_and_has_the_rest_taken_away(sent, sets, committed):
    row, gone = a_scale_set(), a_scale_set(wanted=False)
    with committed():
        due.poll_scale_sets()
    assert sorted(name for name, _ in sent) == [
        "runners.tasks.forge_calls.remove_scale_set",
        "runners.tasks.scale_set_polls.listen",
    ]
    forge_calls.remove_scale_set(scale_set_id=gone.pk)
    assert sets.removed == "7" and list(ScaleSet.objects.all()) == [row]
