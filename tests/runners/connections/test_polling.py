"""When a forge is asked again, and what is told of one that does not answer."""

from datetime import timedelta

import pytest
from django.db import connection as database

from runners.connections import polling
from runners.models import Job
from tests.builders import NOON, a_connection, a_job, a_problem, a_runner, a_vm
from tests.worlds import a_world
from tfci.core.permits import Full
from tfci.forges import registry
from tfci.forges.errors import Busy, ForgeRefused, Gone, Unreachable
from tfci.forges.models import Contact

pytestmark = pytest.mark.django_db


@pytest.fixture
def outside():
    return a_world()


def asked(outside, error, seconds=0, **fields):
    """The organisation after a poll that met this error, so long after the last one that was answered."""
    world, forge, _, clock = outside
    connection = a_connection(last_polled_at=NOON, **fields)
    forge.broken = error
    polling.ask(connection, world, clock.tick(seconds))
    connection.refresh_from_db()
    return connection


def test_one_call_that_failed_is_soon_made_again(outside):
    connection = asked(outside, Unreachable("500"), seconds=0.5)
    assert connection.next_poll_at == NOON + timedelta(seconds=0.5) + polling.SOON


def test_one_job_that_cannot_be_read_holds_up_no_other(outside):
    world, forge, _, clock = outside
    connection = a_connection(last_polled_at=NOON)
    a_job(connection=connection, read_at=NOON)
    forge.job = lambda *_: _raise(Unreachable("500"))
    polling.ask(connection, world, clock.tick(60))
    connection.refresh_from_db()
    assert (connection.last_polled_at, connection.next_poll_at) == (clock(), clock() + polling.OFTEN)


def test_words_that_no_row_can_hold_hold_up_nothing(outside):
    world, forge, _, clock = outside
    connection = a_connection()
    forge.queue(
        "1", name="a\x00b", labels=("c\x00d",), branch="e\x00f", handle="g\x00h", sender="i" * 1_000_000
    )
    forge.queue("2")
    polling.ask(connection, world, clock.tick(60))
    assert [(job.forge_job_id, job.name[:2]) for job in Job.objects.order_by("forge_job_id")][0] == (
        "1",
        "ab",
    )
    assert Job.objects.count() == 2


def test_a_silent_forge_is_nothing_that_a_person_has_to_mend(outside):
    assert asked(outside, Unreachable("500")).problems == []


def test_a_refused_token_is(outside):
    assert asked(outside, ForgeRefused("Renew the token.")).problem_text == "Renew the token."


def test_what_was_to_be_mended_is_looked_at_again_once_the_forge_answers(outside):
    connection = asked(outside, None, seconds=31, problems=a_problem("The token is of nobody."))
    assert (connection.problem_text, connection.checked_at) == ("", NOON + timedelta(seconds=31))


@pytest.mark.parametrize(
    ("since", "took", "pause"),
    [
        (0, 0.01, polling.EAGER.total_seconds()),
        (29, 0.01, polling.EAGER.total_seconds()),
        (29, 0.03, 0.3),
        (31, 0.01, polling.OFTEN.total_seconds()),
        (31, 0.2, 2),
        (60, 20, 200),
        (60, 60, polling.LONGEST.total_seconds()),
        (121, 0.01, polling.RARELY.total_seconds()),
    ],
)
def test_it_is_asked_the_oftener_the_fresher_the_sign_and_never_a_tenth_of_its_time(
    outside, since, took, pause
):
    world, forge, _, clock = outside
    connection = a_connection(last_activity_at=NOON - timedelta(seconds=since))
    listed = forge.waiting_jobs
    forge.waiting_jobs = lambda: clock.tick(took) and listed()
    polling.ask(connection, world, NOON)
    connection.refresh_from_db()
    assert connection.next_poll_at == NOON + timedelta(seconds=pause)


class TestUnwatched:
    """A running job that no VM of ours has, when its end was told to nobody."""

    def read_again(self, outside, state=None, seconds=16, **fields):
        world, forge, _, clock = outside
        job = a_job(state="in_progress", vm=a_vm(state) if state else None, **fields)
        forge.queue(job.forge_job_id)
        forge.finish(job.forge_job_id, "failure")
        polling.ask(job.connection, world, clock.tick(seconds))
        job.refresh_from_db()
        return job.state, job.conclusion

    def test_one_that_a_foreign_runner_took_ends_as_its_forge_says(self, outside):
        assert self.read_again(outside, foreign_runner="theirs") == ("completed", "failure")

    def test_one_whose_vm_was_lost_ends_as_its_forge_says(self, outside):
        assert self.read_again(outside, "gone") == ("completed", "failure")

    def test_one_on_a_busy_vm_is_left_to_that(self, outside):
        assert self.read_again(outside, "busy") == ("in_progress", "")

    def test_it_is_not_asked_for_all_the_time(self, outside):
        assert self.read_again(outside, "gone", seconds=9) == ("in_progress", "")


def test_a_nudge_does_not_shorten_what_a_forge_asked_for():
    connection = a_connection(next_poll_at=NOON, limited_until=NOON + timedelta(minutes=5))
    assert polling.lease_due(connection.pk, NOON) is None
    assert polling.lease_due(connection.pk, NOON + timedelta(minutes=5)).pk == connection.pk


def _raise(error):
    raise error


def test_a_forge_that_counts_calls_is_asked_no_faster_than_its_pace_whatever_stirs():
    world, forge, _, clock = a_world()
    connection = a_connection(forge="github", last_activity_at=NOON)
    polling.ask(connection, world, clock())
    connection.refresh_from_db()
    assert connection.next_poll_at == NOON + registry.pace(connection).often
    polling.note_activity(connection, NOON + timedelta(seconds=3))
    connection.refresh_from_db()
    assert connection.next_poll_at == NOON + registry.pace(connection).often


def test_how_long_a_forge_takes_that_counts_calls_does_not_matter():
    world, forge, _, clock = a_world()
    connection = a_connection(forge="github", last_activity_at=NOON)
    asked = forge.waiting_jobs
    forge.waiting_jobs = lambda: asked() if clock.tick(5) else None
    polling.ask(connection, world, NOON)
    connection.refresh_from_db()
    assert connection.next_poll_at == NOON + registry.pace(connection).often


def test_a_link_by_an_app_is_checked_once_its_token_is_there(apps):
    world, forge, _, clock = a_world()
    connection = apps.installed("acme").connections.get()
    forge.broken = Unreachable("its token is not there yet")
    polling.ask(connection, world, clock())
    connection.refresh_from_db()
    assert connection.checked_at is None
    forge.broken = None
    polling.ask(connection, world, clock())
    connection.refresh_from_db()
    assert (connection.checked_at, connection.problem_text) == (clock(), "")
    assert forge.hooks == {}  # the App has its own


class TestSilence:
    """A forge that does not answer is left alone, and called again at once where that may help."""

    def silent(self, outside, *times):
        """The organisation, after a poll at each of these seconds that was not answered."""
        world, forge, _, clock = outside
        connection, forge.broken = a_connection(last_polled_at=NOON), Unreachable("no answer")
        for seconds in times:
            connection.refresh_from_db()
            clock.now = NOON + timedelta(seconds=seconds)
            polling.ask(connection, world, clock())
        connection.refresh_from_db()
        return connection

    @pytest.mark.parametrize(("times", "pause"), [((0,), 1), ((0, 3), 3), ((0, 3, 10), 10), ((0, 3600), 300)])
    def test_it_is_left_alone_as_long_again_as_it_has_been_silent_but_not_for_ever(
        self, outside, times, pause
    ):
        connection = self.silent(outside, *times)
        retry_at = NOON + timedelta(seconds=times[-1] + pause)
        assert (connection.silent_since, connection.next_poll_at, connection.retry_at) == (
            NOON,
            retry_at,
            retry_at,
        )

    def test_the_pause_begins_where_the_wait_for_it_has_ended(self, outside):
        world, forge, _, clock = outside
        connection, forge.waiting_jobs = (
            a_connection(last_polled_at=NOON),
            lambda: clock.tick(10) and _raise(Unreachable("")),
        )
        polling.ask(connection, world, NOON)
        connection.refresh_from_db()
        assert (connection.silent_since, connection.retry_at) == (NOON, NOON + timedelta(seconds=20))

    def test_its_first_answer_ends_it_and_its_vms_go_on(self, outside):
        world, forge, _, clock = outside
        connection = self.silent(outside, 0, 3600)
        vm = a_vm("removing", next_step_at=NOON + timedelta(days=1))
        a_runner(vm, a_job(connection))
        forge.broken = None
        polling.ask(polling.lease_due(connection.pk, clock.tick(300)), world, clock())
        connection.refresh_from_db(), vm.refresh_from_db()
        assert (connection.silent_since, connection.retry_at, connection.contact(clock())) == (
            None,
            None,
            Contact.GOOD,
        )
        assert vm.next_step_at == clock()

    def test_a_webhook_has_it_called_at_once(self, outside):
        connection = self.silent(outside, 0, 3600)
        now = NOON + timedelta(seconds=3601)
        polling.note_activity(connection, now)
        connection.refresh_from_db()
        assert (connection.next_poll_at, connection.retry_at, connection.contact(now)) == (
            now,
            None,
            Contact.SILENT,
        )

    def test_who_polls_it_may_call_it(self, outside):
        connection = self.silent(outside, 0)
        assert polling.lease_due(connection.pk, connection.retry_at).retry_at is None

    def test_one_that_farmhand_had_no_call_left_for_is_not_silent(self, outside):
        world, forge, _, clock = outside
        connection = a_connection(last_polled_at=NOON)
        forge.broken = Busy("no permit", NOON + timedelta(seconds=2), Full.TEAM)
        polling.ask(connection, world, NOON)
        connection.refresh_from_db()
        next_poll_at = NOON + polling.PERMIT_PAUSES * timedelta(seconds=2)
        assert (connection.next_poll_at, connection.silent_since, connection.limited_until) == (
            next_poll_at,
            None,
            None,
        )

    def test_it_waits_from_when_it_was_turned_away(self, outside):
        world, forge, _, clock = outside
        connection = a_connection(last_polled_at=NOON)
        busy = Busy("no permit", NOON + timedelta(seconds=10), Full.TEAM)
        forge.waiting_jobs = lambda: clock.tick(8) and _raise(busy)
        polling.ask(connection, world, NOON)
        connection.refresh_from_db()
        assert connection.next_poll_at == NOON + timedelta(seconds=8) + polling.PERMIT_PAUSES * timedelta(
            seconds=2
        )

    def test_one_that_only_its_check_had_no_call_left_for_has_been_asked(self, outside):
        world, forge, _, clock = outside
        busy = Busy("no permit", NOON + timedelta(seconds=70), Full.TEAM)
        forge.check = lambda: _raise(busy)
        connection = a_connection(
            problems=a_problem("Renew the token."), last_activity_at=NOON + timedelta(seconds=60)
        )
        polling.ask(connection, world, clock.tick(60))
        connection.refresh_from_db()
        assert (connection.last_polled_at, connection.next_poll_at) == (clock(), clock() + polling.EAGER)


def test_a_slow_forge_is_not_asked_for_all_its_jobs_in_one_turn(outside):
    world, forge, _, clock = outside
    connection, asked = a_connection(last_polled_at=NOON), []
    for _ in range(5):
        a_job(connection=connection, read_at=NOON)
    forge.job = lambda *_: (asked.append(clock.tick(6)), _raise(Gone("no such job")))
    polling.ask(connection, world, clock.tick(60))
    assert len(asked) == 2


def slow_jobs(forge, clock, seconds):
    """A job that cannot be found takes so long to be read."""
    forge.job = lambda *_: (clock.tick(seconds), _raise(Gone("no such job")))


@pytest.mark.parametrize(("seconds", "pause"), [(1, 0.5), (6, 60)])
def test_a_long_turn_has_it_asked_seldom_though_its_list_came_quickly(outside, seconds, pause):
    world, forge, _, clock = outside
    connection = a_connection(last_polled_at=NOON)
    (
        a_job(connection=connection, read_at=NOON),
        a_job(connection=connection, state="waiting", read_at=NOON + timedelta(seconds=59)),
    )
    slow_jobs(forge, clock, seconds)
    now = clock.tick(60)
    polling.ask(connection, world, now)
    connection.refresh_from_db()
    assert connection.next_poll_at == now + timedelta(seconds=pause)


def test_a_turn_ends_in_time_and_the_next_one_notes_the_rest(outside):
    world, forge, _, clock = outside
    connection = a_connection(last_polled_at=NOON)
    for job_id in "123":
        forge.queue(job_id)
    polling.ask(connection, world, NOON)
    for job_id in "123":
        forge.start(job_id, "99")
    seen = [forge.job("", "", job_id) for job_id in "123"]
    forge.waiting_jobs = lambda: seen
    began = connection.jobs.filter(state="in_progress")

    def slow(execute, sql, *rest):
        """Each job takes half a minute to be written down."""
        if 'UPDATE "runners_job" SET' in sql:
            clock.tick(31)
        return execute(sql, *rest)

    with database.execute_wrapper(slow):
        polling.ask(connection, world, clock.tick(1))
        assert began.count() == 2
        polling.ask(connection, world, clock.tick(1))
    assert began.count() == 3
