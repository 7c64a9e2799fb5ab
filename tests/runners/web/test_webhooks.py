"""The forges' door: what is let in and written down, and what is refused with which sentence."""

import hashlib
import hmac
import json

import pytest
from django.db import OperationalError
from django.utils import timezone

from runners.web import webhooks
from tests.builders import a_connection, a_pool
from tests.statements import before
from tfci.core.secret import Secret
from tfci.forges import webhook_inbox
from tfci.forges.models import Connection, Delivery, Tally
from tfci.management.up.waiting import until

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection():
    webhook_inbox._sender.cache_clear()
    connection = a_connection()
    a_pool(connection.team, [connection])
    return connection


@pytest.fixture
def notified(monkeypatch):
    """The organisations of which workers were notified."""
    notified = []
    monkeypatch.setattr(webhooks.DEBOUNCER, "notify", notified.append)
    return notified


def a_body(action="queued", **job):
    fields = {"id": 9, "run_id": 4, "name": "build", "labels": ["small"], "run_attempt": 0, "status": action}
    times = dict.fromkeys(["created_at", "started_at", "completed_at"], "1970-01-01T00:00:00Z")
    payload = {
        "action": action,
        "workflow_job": fields | times | job,
        "repository": {"full_name": "acme/app"},
        "sender": {"login": "ana"},
    }
    return json.dumps(payload).encode()


def deliver(client, connection, body, event="workflow_job", delivery="d1", secret=b"s3cret"):
    headers = {
        "X-Gitea-Event": event,
        "X-Gitea-Event-Type": event,
        "X-Gitea-Delivery": delivery,
        "X-Gitea-Signature": hmac.new(secret, body, hashlib.sha256).hexdigest(),
    }
    address = connection.address if isinstance(connection, Connection) else connection
    return client.post(f"/hooks/{address}", body, content_type="application/json", headers=headers)


def test_what_it_tells_is_written_down_and_who_takes_it_in_is_nudged(client, connection, sent):
    assert deliver(client, connection, a_body()).status_code == 202
    assert webhook_inbox.waiting().get().connection == connection
    until(
        lambda: (
            sent == [("runners.tasks.reconciliation.ingest_deliveries", {"connection_id": connection.pk})]
        ),
        5,
        "the nudge",
    )


def test_a_doubled_delivery_is_accepted_and_counts_once(client, connection, notified):
    deliver(client, connection, a_body())
    assert deliver(client, connection, a_body("in_progress")).status_code == 202
    assert (Delivery.objects.count(), notified) == (1, [connection.pk])


def test_a_delivery_without_an_id_counts(client, connection, notified):
    deliver(client, connection, a_body(), delivery="")
    deliver(client, connection, a_body("in_progress"), delivery="")
    assert webhook_inbox.waiting().count() == 2


def test_an_event_that_means_nothing_to_us_is_noted_and_brings_nothing(client, connection, notified):
    assert deliver(client, connection, b"{}", event="star").status_code == 202
    assert (Delivery.objects.get().told, notified) == (None, [])


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_died_while_it_was_idle_costs_nothing(client, connection, notified):
    def dies():
        raise OperationalError("terminating connection")

    with before("INSERT INTO forges_delivery", dies):
        assert deliver(client, connection, a_body()).status_code == 202
    assert Delivery.objects.count() == 1


def test_a_secret_that_was_just_changed_is_looked_up_again(client, connection, notified):
    deliver(client, connection, a_body())
    connection.hook_secret = Secret("new")
    connection.save()
    assert deliver(client, connection, a_body(), delivery="d2", secret=b"new").status_code == 202
    assert deliver(client, connection, a_body(), delivery="d3").status_code == 403


@pytest.mark.parametrize(
    ("change", "status", "sentence"),
    [
        ({"secret": b"wrong"}, 403, "signature"),
        ({"body": b"{not json"}, 400, ""),
        ({"body": b"{}"}, 400, ""),
        ({"body": b"x" * (30 * 1024 * 1024)}, 413, "1 MiB"),
    ],
)
def test_bad_input_gets_a_sentence_and_loses_nothing(client, connection, notified, change, status, sentence):
    answer = deliver(client, connection, **{"body": a_body(), **change})
    assert answer.status_code == status
    assert sentence in answer.content.decode()
    assert not Delivery.objects.exists() and not notified


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"secret": b"wrong"}, "signature"),
        ({"body": b"{not json"}, "unreadable"),
        ({"body": b"x" * (webhooks.LARGEST + 1)}, "size"),
    ],
)
def test_what_was_refused_is_counted_with_what_was_said(client, connection, notified, change, kind):
    for _ in range(2):
        answer = deliver(client, connection, **{"body": a_body(), **change})
    tally = Tally.objects.get()
    assert (tally.connection, tally.kind, tally.count) == (connection, kind, 2)
    assert tally.said == answer.content.decode().strip()


def test_a_doubled_delivery_is_counted(client, connection, notified):
    for _ in range(3):
        deliver(client, connection, a_body())
    assert (Tally.objects.get().kind, Tally.objects.get().count) == ("doubled", 2)


def test_an_unknown_address_is_told_to_go(client, notified):
    assert deliver(client, "nobody", a_body()).status_code == 404


def test_an_unlinked_organisation_is_no_longer_heard(client, connection, notified):
    Connection.objects.update(disconnected_at=timezone.now())
    assert deliver(client, connection, a_body()).status_code == 404


def test_only_post_is_answered(client, connection):
    assert client.get(f"/hooks/{connection.address}").status_code == 405
