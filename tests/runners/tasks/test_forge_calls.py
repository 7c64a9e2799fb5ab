from contextlib import ExitStack
from datetime import timedelta
from time import monotonic

import pytest
from django.utils import timezone

from runners.connections import polling
from runners.queue import nudges
from runners.tasks import due, forge_calls
from tests.builders import a_connection, a_job, a_runner, a_vm
from tests.worlds import a_world
from tfci.core.permits import CallLimits, Full, Permits, deadline
from tfci.forges.errors import Busy, Unreachable
from tfci.forges.models import Connection

LIMITS = CallLimits(all=2, team=2, slow=2, slow_host=2, seconds=120)
pytestmark = pytest.mark.django_db(transaction=True)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(("last_activity_at", "again"), [(timedelta(0), 1), (-timedelta(hours=1), 0)])
def test_where_something_stirs_it_is_asked_again_before_the_schedule_comes(
    sent, monkeypatch, last_activity_at, again
):
    world, *_ = a_world()
    monkeypatch.setattr("runners.gateways.GATEWAYS", world)
    now = timezone.now()
    connection = a_connection(next_poll_at=now, last_activity_at=now + last_activity_at)
    forge_calls.ask(connection_id=connection.pk)
    forge_calls.ask(connection_id=connection.pk)  # not due
    assert sent == again * [("runners.tasks.forge_calls.ask", {"connection_id": connection.pk})]


def _seconds_left():
    with Permits(LIMITS).call("team", "host"):
        return deadline() - monotonic()


class TestPlaces:
    """Of the threads that serve VMs too."""

    @pytest.fixture
    def forge(self, monkeypatch):
        world, forge, *_ = a_world()
        monkeypatch.setattr("runners.gateways.GATEWAYS", world)
        return forge

    def test_one_that_finds_no_place_leaves_its_row_due_and_comes_again_in_seconds(self, sent, forge):
        now = timezone.now()
        connection = a_connection(next_poll_at=now)
        nudges.ask(connection.pk)
        with ExitStack() as stack:
            for number in range(forge_calls.PLACES.all):
                stack.enter_context(forge_calls.places.hold(f"other {number}"))
            forge_calls.ask(connection_id=connection.pk)
            nudges.ask(connection.pk)  # the schedule: the first is merged with it
        connection.refresh_from_db()
        assert (connection.next_poll_at, connection.last_polled_at, len(sent)) == (now, None, 1)
        forge_calls.ask(connection_id=connection.pk)
        connection.refresh_from_db()
        assert connection.last_polled_at

    def test_a_job_that_cannot_be_read_again_for_want_of_a_place_has_its_connection_polled(self, forge):
        job = a_job(connection=a_connection(next_poll_at=timezone.now() + HOUR))
        with ExitStack() as stack:
            for number in range(forge_calls.PLACES.all):
                stack.enter_context(forge_calls.places.hold(f"other {number}"))
            forge_calls.reread(job_id=job.pk)
        assert polling.due(timezone.now()) == [job.connection_id]

    @pytest.mark.parametrize(("error", "polled"), [(Busy, True), (Unreachable, False)])
    def test_nor_for_want_of_a_call(self, forge, error, polled):
        job = a_job(connection=a_connection(next_poll_at=timezone.now() + HOUR))
        more = (timezone.now() + HOUR, Full.TEAM) if error is Busy else ()
        forge.broken = error("no call", *more)
        forge_calls.reread(job_id=job.pk)
        assert (polling.due(timezone.now()) == [job.connection_id]) is polled

    def test_a_team_has_no_more_than_its_share_and_others_go_on(self, forge):
        now = timezone.now()
        first, other = a_connection(next_poll_at=now), a_connection(next_poll_at=now)
        with ExitStack() as stack:
            for _ in range(forge_calls.PLACES.team):
                stack.enter_context(forge_calls.places.hold(f"team {first.team_id}"))
            for connection in (first, other):
                forge_calls.ask(connection_id=connection.pk)
                connection.refresh_from_db()
        assert (first.last_polled_at, bool(other.last_polled_at)) == (None, True)

    def test_all_calls_of_a_task_must_end_in_time(self, forge, monkeypatch):
        ends = []
        monkeypatch.setattr(forge, "waiting_jobs", lambda: ends.append(_seconds_left()) or [])
        forge_calls.ask(connection_id=a_connection(next_poll_at=timezone.now()).pk)
        assert 0 < ends[0] <= polling.TURN.total_seconds()

    def test_one_that_fails_gives_its_place_back(self, forge):
        for _ in range(forge_calls.PLACES.all + 1):
            with pytest.raises(Connection.DoesNotExist):
                forge_calls.sweep_connection(connection_id=0)

    def test_a_sweep_is_of_one_organisation(self, sent, forge):
        now = timezone.now()
        lost, silent = a_runner(a_vm("gone")), a_connection(retry_at=now + timedelta(hours=1))
        forge.register(lost.name, ["small"])
        due.sweep_forges()
        assert ("runners.tasks.forge_calls.sweep_connection", {"connection_id": lost.connection_id}) in sent
        assert ("runners.tasks.forge_calls.sweep_connection", {"connection_id": silent.pk}) not in sent
        forge_calls.sweep_connection(connection_id=lost.connection_id)
        assert forge.have == {}

    def test_one_that_is_being_unlinked_is_drained(self, forge):
        connection = a_connection(disconnecting_at=timezone.now())
        forge_calls.sweep_connection(connection_id=connection.pk)
        connection.refresh_from_db()
        assert connection.disconnected_at
        forge_calls.sweep_connection(connection_id=connection.pk)  # a message that was late
