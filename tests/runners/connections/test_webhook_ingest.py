"""What the forges' door wrote down becomes jobs, once, in order, with all that follows."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import msgspec
import pytest
from django.db import connection as database
from django.utils import timezone

from runners.connections import webhook_ingest
from runners.jobs import ingest
from runners.models import Job
from runners.queue import nudges
from runners.tasks import due, reconciliation
from tests.builders import NOON, a_connection, a_pool
from tests.statements import before
from tests.worlds import Crash
from tfci.forges import webhook_inbox
from tfci.forges.facts import JobSeen, RunEvent, RunSeen, WebhookEvent
from tfci.forges.models import Connection, Delivery

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(seconds=3)


@pytest.fixture
def connection():
    connection = a_connection(next_poll_at=NOON + timedelta(hours=1))
    a_pool(connection.team, [connection])
    return connection


def told(connection, *seen, at=NOON):
    heard = WebhookEvent("workflow_job" if seen else "push", seen, stirred=True)
    count = Delivery.objects.count()
    return Delivery.objects.create(
        connection=connection,
        delivery_id=f"d{count}",
        event=heard.event,
        received_at=at,
        told=msgspec.json.encode(heard),
    )


def a_job_seen(job_id="9", status="queued", **more):
    return JobSeen(job_id, "4", "acme/app", "build", ("small",), status, **more)


def test_a_queued_job_is_recorded_as_heard_when_the_door_heard_of_it(connection):
    told(connection, a_job_seen(created_at=NOON))
    effects = webhook_ingest.ingest(connection.pk, LATER)
    job = Job.objects.get()
    assert (job.state, job.discovered_by, job.discovered_at, job.queued_at) == (
        "queued",
        "webhook",
        NOON,
        NOON,
    )
    assert effects.pools == {job.pool_id}


def test_words_that_no_row_can_hold_hold_up_nothing(connection):
    Connection.objects.update(version="1.25.4")  # an attempt that waits is counted one more
    odd = "a\x00b" + "c" * 1_000_000
    kept = {"job_id": "9", "run_id": odd, "repository": odd, "name": odd, "labels": [odd], "handle": odd}
    kept |= {"status": "queued", "branch": odd, "sender": odd, "forge_attempt": 2**31 - 1}
    heard = {"event": "workflow_job", "jobs": [kept], "stirred": True}
    Delivery.objects.create(
        connection=connection, event="x", received_at=NOON, told=msgspec.json.encode(heard)
    )
    webhook_ingest.ingest(connection.pk, LATER)
    job = Job.objects.get()
    assert (job.name[:3], len(job.name), job.forge_attempt) == ("abc", 300, 2**31 - 1)


def test_what_was_taken_in_is_not_taken_in_again(connection):
    told(connection, a_job_seen())
    webhook_ingest.ingest(connection.pk, LATER)
    assert webhook_ingest.ingest(connection.pk, LATER) is None
    assert Delivery.objects.get().told is None


def test_deliveries_are_taken_in_as_they_came(connection):
    told(connection, a_job_seen())
    told(connection, a_job_seen(status="in_progress", started_at=NOON))
    told(connection, a_job_seen(status="completed", conclusion="success", started_at=NOON))
    webhook_ingest.ingest(connection.pk, LATER)
    assert [(job.state, job.attempt) for job in Job.objects.all()] == [("completed", 1)]


def dies():
    raise Crash


def test_a_crash_half_way_takes_nothing_in(connection):
    told(connection, a_job_seen("1"))
    told(connection, a_job_seen("2"))
    with before('UPDATE "forges_connection"', dies), pytest.raises(Crash):
        webhook_ingest.ingest(connection.pk, LATER)
    assert (Job.objects.count(), webhook_inbox.waiting().count()) == (0, 2)


def test_more_than_one_turn_takes_is_left_for_the_next(connection):
    for number in range(webhook_ingest.BATCH + 1):
        told(connection, a_job_seen(str(number)))
    webhook_ingest.ingest(connection.pk, LATER)
    assert (Job.objects.count(), webhook_inbox.waiting().count()) == (webhook_ingest.BATCH, 1)


def test_a_task_takes_all_and_its_pool_hears_of_it(connection, sent, django_capture_on_commit_callbacks):
    for number in range(webhook_ingest.BATCH + 1):
        told(connection, a_job_seen(str(number)))
    with django_capture_on_commit_callbacks(execute=True):
        reconciliation.ingest_deliveries(connection_id=connection.pk)
    assert Job.objects.count() == webhook_ingest.BATCH + 1
    assert ("runners.tasks.reconciliation.reconcile_pool", {"pool_id": Job.objects.first().pool_id}) in sent


@pytest.mark.django_db(transaction=True)
def test_whoever_comes_while_another_takes_in_goes_at_once_and_the_other_takes_all(connection):
    told(connection, a_job_seen("1"))

    def meanwhile():
        told(connection, a_job_seen("2"))
        with ThreadPoolExecutor(1) as second:
            assert second.submit(_take_elsewhere, connection.pk).result(10) is None

    with before('INSERT INTO "runners_job"', meanwhile):
        assert webhook_ingest.ingest(connection.pk, LATER) is not None
    assert webhook_ingest.ingest(connection.pk, LATER) is not None
    assert set(Job.objects.values_list("forge_job_id", flat=True)) == {"1", "2"}


def _take_elsewhere(connection_id: int):
    """Over a connection of its own."""
    try:
        return webhook_ingest.ingest(connection_id, LATER)
    finally:
        database.close()


def test_what_is_told_while_a_task_takes_in_needs_no_message_of_its_own(connection, sent):
    told(connection, a_job_seen("1"))
    nudges.ingest_deliveries(connection.pk)
    with before('INSERT INTO "runners_job"', lambda: nudges.ingest_deliveries(connection.pk)):
        reconciliation.ingest_deliveries(connection_id=connection.pk)
    assert (
        sent.count(("runners.tasks.reconciliation.ingest_deliveries", {"connection_id": connection.pk})) == 1
    )
    nudges.ingest_deliveries(connection.pk)
    assert (
        sent.count(("runners.tasks.reconciliation.ingest_deliveries", {"connection_id": connection.pk})) == 2
    )


def test_a_task_that_fails_silences_nobody(connection, sent):
    told(connection, a_job_seen())
    nudges.ingest_deliveries(connection.pk)
    with before('INSERT INTO "runners_job"', dies), pytest.raises(Crash):
        reconciliation.ingest_deliveries(connection_id=connection.pk)
    nudges.ingest_deliveries(connection.pk)
    assert len(sent) == 2


def test_a_lost_nudge_costs_one_turn_of_the_schedule(connection, sent, django_capture_on_commit_callbacks):
    told(connection, a_job_seen())
    with django_capture_on_commit_callbacks(execute=True):
        due.ingest_deliveries()
    assert sent == [("runners.tasks.reconciliation.ingest_deliveries", {"connection_id": connection.pk})]


def test_a_push_makes_us_ask_at_once(connection):
    told(connection)
    effects = webhook_ingest.ingest(connection.pk, LATER)
    connection.refresh_from_db()
    assert (effects.connections, connection.next_poll_at) == ({connection.pk}, LATER)


def test_a_run_that_is_over_makes_nobody_ask(connection):
    run = RunEvent("4", 1, True, RunSeen("ci.yml", "Mend it"))
    heard = WebhookEvent("workflow_run", repository="acme/app", run=run)
    row = {"connection": connection, "delivery_id": "d", "event": "workflow_run", "received_at": NOON}
    Delivery.objects.create(**row, told=msgspec.json.encode(heard))
    effects = webhook_ingest.ingest(connection.pk, LATER)
    connection.refresh_from_db()
    assert (effects.connections, connection.next_poll_at) == (set(), NOON + timedelta(hours=1))
    assert webhook_ingest.ingest(connection.pk, LATER) is None


def test_a_jobs_webhook_makes_us_ask_within_half_a_second(connection):
    Connection.objects.update(last_activity_at=LATER)
    told(connection, a_job_seen())
    webhook_ingest.ingest(connection.pk, LATER)
    assert Connection.objects.get().next_poll_at <= LATER


def test_news_within_seconds_leaves_the_organisations_row_alone(connection):
    told(connection, a_job_seen("1"))
    webhook_ingest.ingest(connection.pk, NOON)
    told(connection, a_job_seen("2"))
    webhook_ingest.ingest(connection.pk, LATER)
    assert Connection.objects.get().last_activity_at == NOON


def test_a_job_that_another_records_at_the_same_moment_is_recorded_once(connection):
    seen = a_job_seen()
    told(connection, seen)
    webhook_ingest.ingest(connection.pk, LATER)
    [known] = Job.objects.all()
    ingest._first(connection, seen, 1, timezone.now(), None)
    assert [job.pk for job in Job.objects.all()] == [known.pk]
