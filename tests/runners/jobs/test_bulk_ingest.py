"""Many readings at once: as one by one, in a few statements."""

from dataclasses import replace
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from runners.jobs import bulk_ingest, ingest
from runners.models import Job
from tests.builders import NOON, a_connection, a_pool
from tests.runners.jobs.test_ingest import DONE, QUEUED, RUNNING, later
from tests.statements import before

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection():
    connection = a_connection()
    a_pool(connection.team, [connection])
    return connection


SAID = st.tuples(st.sampled_from("123"), st.sampled_from(["queued", "waiting", "in_progress", "completed"]))


@given(st.lists(SAID, max_size=8), st.sampled_from([None, NOON]))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_many_readings_at_once_end_as_one_by_one(said, asked_at):
    readings = [
        bulk_ingest.TimedReading(replace(QUEUED, job_id=job_id, status=status), later(second))
        for second, (job_id, status) in enumerate(said)
    ]
    one, many = a_connection(), a_connection()
    for each in (one, many):
        a_pool(each.team, [each])
    for reading in readings:
        ingest.observe(one, *reading, asked_at=asked_at)
    bulk_ingest.observe_all(many, readings, asked_at=asked_at)
    told = (
        "forge_job_id",
        "attempt",
        "state",
        "conclusion",
        "queued_at",
        "discovered_at",
        "started_at",
        "read_at",
    )
    assert sorted(many.jobs.values_list(*told)) == sorted(one.jobs.values_list(*told))


def test_a_burst_costs_no_more_statements_than_one_job(connection, django_assert_max_num_queries):
    readings = [bulk_ingest.TimedReading(replace(QUEUED, job_id=str(number)), NOON) for number in range(50)]
    with django_assert_max_num_queries(6):
        bulk_ingest.observe_all(connection, readings)
    assert Job.objects.count() == 50


class TestUnchanged:
    """A long queue that is read again and again."""

    COUNT = 50

    def read(self, connection, at, **changed):
        """All of them by one answer; `changed`: how single ones differ."""
        readings = [
            bulk_ingest.TimedReading(
                replace(QUEUED, job_id=str(number), status=changed.get(f"_{number}", "queued")), at
            )
            for number in range(self.COUNT)
        ]
        return bulk_ingest.observe_all(connection, readings, asked_at=at)

    def test_it_costs_a_few_statements(self, connection, django_assert_max_num_queries):
        self.read(connection, NOON)
        with django_assert_max_num_queries(6):
            self.read(connection, later(1))
        assert set(Job.objects.values_list("state", "read_at")) == {("queued", later(1))}

    def test_those_that_changed_move(self, connection):
        self.read(connection, NOON)
        effects = self.read(connection, later(1), _3="waiting", _7="in_progress")
        changed = Job.objects.exclude(state="queued").values_list("forge_job_id", "state", "read_at")
        assert set(changed) == {("3", "waiting", later(1)), ("7", "in_progress", later(1))}
        assert effects.pools == {connection.pools.get().pk}

    def test_an_answer_that_was_asked_for_before_what_we_know_takes_nothing_back(self, connection):
        self.read(connection, later(2))
        self.read(connection, later(1))
        assert set(Job.objects.values_list("read_at", flat=True)) == {later(2)}

    def test_one_that_began_between_the_look_and_the_write_is_left_as_it_is(self, connection):
        self.read(connection, NOON)
        begins = partial(ingest.observe, connection, replace(RUNNING, job_id="3"), later(5))
        with before("SKIP LOCKED", begins):
            self.read(connection, later(6))
        job = Job.objects.get(forge_job_id="3")
        assert (job.state, job.read_at) == ("in_progress", later(5))

    def test_one_that_is_queued_again_is_the_next_attempt(self, connection):
        self.read(connection, NOON)
        ingest.observe(connection, replace(DONE, job_id="3"), later(1), asked_at=later(1))
        self.read(connection, later(2))
        assert list(
            Job.objects.filter(forge_job_id="3").order_by("attempt").values_list("state", flat=True)
        ) == [
            "completed",
            "queued",
        ]
