"""The forges' door: what is let in, what is refused with which sentence, and what follows."""

import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from django.utils import timezone

from runners import jobs
from runners.models import Job
from tests.builders import a_pool, an_org
from tfci.forges.models import Delivery, LinkedOrg
from tfci.forges.ports import JobSeen

pytestmark = pytest.mark.django_db


@pytest.fixture
def org():
    org = an_org()
    a_pool(org.team, [org])
    return org


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


def deliver(client, org, body, event="workflow_job", delivery="d1", secret=b"s3cret"):
    headers = {
        "X-Gitea-Event": event,
        "X-Gitea-Event-Type": event,
        "X-Gitea-Delivery": delivery,
        "X-Gitea-Signature": hmac.new(secret, body, hashlib.sha256).hexdigest(),
    }
    address = org.address if isinstance(org, LinkedOrg) else org
    return client.post(f"/hooks/{address}", body, content_type="application/json", headers=headers)


def test_a_queued_job_is_recorded_and_its_pool_nudged_after_commit(
    client, org, sent, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        assert deliver(client, org, a_body()).status_code == 202
    job = Job.objects.get()
    assert (job.state, job.heard_by, job.repository) == ("queued", "webhook", "acme/app")
    assert ("runners.tasks.decide", {"pool_id": job.pool_id}) in sent


def test_a_doubled_delivery_is_accepted_and_counts_once(client, org, sent):
    deliver(client, org, a_body())
    assert deliver(client, org, a_body("in_progress")).status_code == 202
    assert (Job.objects.get().state, Delivery.objects.count()) == ("queued", 1)


def test_a_push_makes_us_ask_at_once(client, org, sent, django_capture_on_commit_callbacks):
    LinkedOrg.objects.update(poll_at=timezone.now() + timedelta(hours=1))
    body = json.dumps(
        {"ref": "refs/heads/main", "repository": {"full_name": "acme/app"}, "sender": {"login": "ana"}}
    )
    with django_capture_on_commit_callbacks(execute=True):
        assert deliver(client, org, body.encode(), event="push").status_code == 202
    org.refresh_from_db()
    assert org.poll_at <= timezone.now()
    assert ("runners.tasks.ask", {"org_id": org.pk}) in sent


@pytest.mark.parametrize(
    ("change", "status", "sentence"),
    [
        ({"secret": b"wrong"}, 403, "signature"),
        ({"body": b"{not json"}, 400, ""),
        ({"body": b"{}"}, 400, ""),
        ({"body": b"x" * (30 * 1024 * 1024)}, 413, "1 MiB"),
    ],
)
def test_bad_input_gets_a_sentence_and_loses_nothing(client, org, sent, change, status, sentence):
    answer = deliver(client, org, **{"body": a_body(), **change})
    assert answer.status_code == status
    assert sentence in answer.content.decode()
    assert not Job.objects.exists() and not sent


def test_an_unknown_address_is_told_to_go(client, sent):
    assert deliver(client, "nobody", a_body()).status_code == 404


def test_an_unlinked_organisation_is_no_longer_heard(client, org, sent):
    LinkedOrg.objects.update(unlinked_at=timezone.now())
    assert deliver(client, org, a_body()).status_code == 404


def test_only_post_is_answered(client, org):
    assert client.get(f"/hooks/{org.address}").status_code == 405


def test_a_second_delivery_within_seconds_leaves_the_organisations_row_alone(client, org, sent):
    deliver(client, org, a_body(), delivery="d1")
    first = LinkedOrg.objects.get().stirred_at
    deliver(client, org, a_body(id=10), delivery="d2")
    assert LinkedOrg.objects.get().stirred_at == first
    assert Job.objects.count() == 2


def test_a_jobs_webhook_makes_us_ask_within_half_a_second(client, org, sent):
    deliver(client, org, a_body(), delivery="d1")
    LinkedOrg.objects.update(poll_at=timezone.now() + timedelta(hours=1))
    deliver(client, org, a_body(id=10), delivery="d2")
    assert LinkedOrg.objects.get().poll_at <= timezone.now()


def test_a_job_that_another_records_at_the_same_moment_is_recorded_once(client, org, sent):
    deliver(client, org, a_body(), delivery="d1")
    [known] = Job.objects.all()
    seen = JobSeen(known.forge_job_id, "4", "acme/app", "build", ("small",), "queued")
    jobs._first(org, seen, 1, timezone.now(), None)
    assert [job.pk for job in Job.objects.all()] == [known.pk]
