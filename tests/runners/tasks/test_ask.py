from contextlib import ExitStack
from datetime import timedelta
from time import monotonic

import pytest
from django.utils import timezone

from runners.connections import polling
from runners.queue import nudges
from runners.tasks import ask, due
from tests.builders import a_job, a_runner, a_vm, an_org
from tests.worlds import a_world
from tfci.core.permits import Full, Limits, Permits, deadline
from tfci.forges.errors import Busy, Unreachable
from tfci.forges.models import LinkedOrg

LIMITS = Limits(all=2, team=2, slow=2, slow_host=2, seconds=120)
pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(("stirred_at", "again"), [(timedelta(0), 1), (-timedelta(hours=1), 0)])
def test_where_something_stirs_it_is_asked_again_before_the_schedule_comes(
    sent, monkeypatch, stirred_at, again
):
    world, *_ = a_world()
    monkeypatch.setattr("runners.gateways.WORLD", world)
    now = timezone.now()
    org = an_org(poll_at=now, stirred_at=now + stirred_at)
    ask.ask(org_id=org.pk)
    ask.ask(org_id=org.pk)  # not due
    assert sent == again * [("runners.tasks.ask.ask", {"org_id": org.pk})]


def _seconds_left():
    with Permits(LIMITS).call("team", "host"):
        return deadline() - monotonic()


class TestPlaces:
    """Of the threads that serve VMs too."""

    @pytest.fixture
    def forge(self, monkeypatch):
        world, forge, *_ = a_world()
        monkeypatch.setattr("runners.gateways.WORLD", world)
        return forge

    def test_one_that_finds_no_place_leaves_its_row_due_and_comes_again_in_seconds(self, sent, forge):
        now = timezone.now()
        org = an_org(poll_at=now)
        nudges.ask(org.pk)
        with ExitStack() as stack:
            for number in range(ask.PLACES.all):
                stack.enter_context(ask.places.hold(f"other {number}"))
            ask.ask(org_id=org.pk)
            nudges.ask(org.pk)  # the schedule: the first is merged with it
        org.refresh_from_db()
        assert (org.poll_at, org.polled_at, len(sent)) == (now, None, 1)
        ask.ask(org_id=org.pk)
        org.refresh_from_db()
        assert org.polled_at

    def test_a_job_that_cannot_be_read_again_for_want_of_a_place_has_its_connection_polled(self, forge):
        job = a_job(org=an_org(poll_at=timezone.now() + HOUR))
        with ExitStack() as stack:
            for number in range(ask.PLACES.all):
                stack.enter_context(ask.places.hold(f"other {number}"))
            ask.reread(job_id=job.pk)
        assert polling.due(timezone.now()) == [job.org_id]

    @pytest.mark.parametrize(("error", "polled"), [(Busy, True), (Unreachable, False)])
    def test_nor_for_want_of_a_call(self, forge, error, polled):
        job = a_job(org=an_org(poll_at=timezone.now() + HOUR))
        more = (timezone.now() + HOUR, Full.TEAM) if error is Busy else ()
        forge.broken = error("no call", *more)
        ask.reread(job_id=job.pk)
        assert (polling.due(timezone.now()) == [job.org_id]) is polled

    def test_a_team_has_no_more_than_its_share_and_others_go_on(self, forge):
        now = timezone.now()
        first, other = an_org(poll_at=now), an_org(poll_at=now)
        with ExitStack() as stack:
            for _ in range(ask.PLACES.team):
                stack.enter_context(ask.places.hold(f"team {first.team_id}"))
            for org in (first, other):
                ask.ask(org_id=org.pk)
                org.refresh_from_db()
        assert (first.polled_at, bool(other.polled_at)) == (None, True)

    def test_all_calls_of_a_task_must_end_in_time(self, forge, monkeypatch):
        ends = []
        monkeypatch.setattr(forge, "waiting_jobs", lambda: ends.append(_seconds_left()) or [])
        ask.ask(org_id=an_org(poll_at=timezone.now()).pk)
        assert 0 < ends[0] <= polling.TURN.total_seconds()

    def test_one_that_fails_gives_its_place_back(self, forge):
        for _ in range(ask.PLACES.all + 1):
            with pytest.raises(LinkedOrg.DoesNotExist):
                ask.sweep_org(org_id=0)

    def test_a_sweep_is_of_one_organisation(self, sent, forge):
        now = timezone.now()
        lost, silent = a_runner(a_vm("gone")), an_org(retry_at=now + timedelta(hours=1))
        forge.register(lost.name, ["small"])
        due.sweep_forges()
        assert ("runners.tasks.ask.sweep_org", {"org_id": lost.org_id}) in sent
        assert ("runners.tasks.ask.sweep_org", {"org_id": silent.pk}) not in sent
        ask.sweep_org(org_id=lost.org_id)
        assert forge.have == {}

    def test_one_that_is_being_unlinked_is_drained(self, forge):
        org = an_org(unlinking_at=timezone.now())
        ask.sweep_org(org_id=org.pk)
        org.refresh_from_db()
        assert org.unlinked_at
        ask.sweep_org(org_id=org.pk)  # a message that was late
