"""Webhooks: what they look like, in which order they come, and that each is tried once."""

import hashlib
import hmac
import json
from urllib.parse import parse_qs

import pytest

from tests.practice.forge.harness import NEVER_THERE, a_place, one_job, until
from tests.practice.forge.shape import recorded, shape


def test_every_event_has_the_recorded_headers_and_body(place, receiver):
    place.hook(receiver, "workflow_job", "workflow_run")
    (job,) = place.push(one_job())
    place.runner("small").run_one()
    (other,) = place.push(one_job("nobody"))
    place.cancel(other["run_id"])
    receiver.wait_for("completed/cancelled", other["id"])
    theirs = recorded("webhooks.json")
    assert len(theirs) == 6
    for name, delivery in theirs.items():
        event, *what = name.split()
        heard = next(h for h in receiver.heard if h.event == event and h.what == "/".join(what))
        assert shape(heard.payload) == shape(json.loads(delivery["body"])), name
        assert set(heard.headers) == set(delivery["headers"]), name
        assert heard.headers["User-Agent"] == delivery["headers"]["User-Agent"]
        target = "X-Gitea-Hook-Installation-Target-Type"
        assert heard.headers[target] == delivery["headers"][target]


def test_the_body_is_signed_as_gitea_signs_it(place, receiver):
    place.hook(receiver, "workflow_job")
    place.push(one_job())
    receiver.wait_for("queued")
    heard = receiver.heard[0]
    mac = hmac.new(b"s3cret", heard.body, hashlib.sha256).hexdigest()
    assert heard.headers["X-Gitea-Signature"] == heard.headers["X-Gogs-Signature"] == mac
    assert heard.headers["X-Hub-Signature-256"] == f"sha256={mac}"
    assert heard.headers["X-Hub-Signature"].startswith("sha1=")
    assert heard.body.startswith(b'{\n  "action": "queued",\n  "workflow_job": {\n    "id": ')


def test_without_a_secret_the_signatures_are_empty(place, receiver):
    place.hook(receiver, "workflow_job", config={"url": receiver.url, "content_type": "json"})
    place.push(one_job())
    receiver.wait_for("queued")
    headers = receiver.heard[0].headers
    assert (headers["X-Gitea-Signature"], headers["X-Hub-Signature-256"]) == ("", "sha256=")


def test_a_form_hook_gets_the_same_json_as_a_field(place, receiver):
    config = {"url": receiver.url, "content_type": "form", "secret": "s3cret"}
    place.hook(receiver, "workflow_job", config=config)
    place.push(one_job())
    until(lambda: receiver.heard)
    heard = receiver.heard[0]
    (text,) = parse_qs(heard.body.decode())["payload"]
    assert json.loads(text)["action"] == "queued"
    assert heard.headers["Content-Type"] == "application/x-www-form-urlencoded"
    mac = hmac.new(b"s3cret", text.encode(), hashlib.sha256).hexdigest()
    assert heard.headers["X-Gitea-Signature"] == mac


def test_a_skipped_job_costs_a_pickup(place, receiver):
    place.hook(receiver, "workflow_job")
    (job,) = place.push(one_job("small", **{"if": "false"}))
    place.runner("small").run_one("RESULT_SKIPPED")
    receiver.wait_for("completed/skipped", job["id"])
    assert [what for what, _ in receiver.told()] == ["queued", "in_progress", "completed/skipped"]


def test_one_job_is_told_in_the_order_that_was_seen(place, receiver):
    place.hook(receiver, "workflow_job", "workflow_run")
    (job,) = place.push(one_job())
    place.runner("small").run_one()
    receiver.wait_for("completed/success", event="workflow_run")
    assert [(heard.event, heard.what) for heard in receiver.heard] == [
        ("workflow_run", "requested"),
        ("workflow_job", "queued"),
        ("workflow_job", "in_progress"),
        ("workflow_job", "completed/success"),
        ("workflow_run", "completed/success"),
    ]


def test_a_rerun_is_queued_with_the_old_attempt_and_in_progress_with_the_new(place, receiver):
    place.hook(receiver, "workflow_job")
    (job,) = place.push(one_job())
    place.runner("small").run_one("RESULT_FAILURE")
    place.rerun(job["run_id"])
    place.runner("small").run_one()
    receiver.wait_for("completed/success", job["id"])
    told = [(heard.what, heard.about["run_attempt"]) for heard in receiver.heard]
    assert told == [
        ("queued", 0),
        ("in_progress", 1),
        ("completed/failure", 1),
        ("queued", 1),
        ("in_progress", 2),
        ("completed/success", 2),
    ]


def test_queued_comes_late_often_after_the_job_has_started(own_forge, receiver):
    own_forge.control("PATCH", "/faults", {"queued_delay": 2.0})
    place = a_place(own_forge, "late")
    place.hook(receiver, "workflow_job")
    (job,) = place.push(one_job())
    place.runner("small").fetch()
    assert place.job(job["id"])["status"] == "in_progress"
    assert receiver.heard == []
    receiver.wait_for("in_progress", job["id"])
    assert [what for what, _ in receiver.told()] == ["queued", "in_progress"]


def test_a_workflow_run_is_not_told_while_its_file_is_not_on_the_default_branch(place, receiver):
    place.hook(receiver, "workflow_job", "workflow_run")
    (job,) = place.push(one_job(), new_branch="feature")
    place.runner("small").run_one()
    receiver.wait_for("completed/success", job["id"])
    until(lambda: place.forge.control("GET", "/state")["deliveries_waiting"] == 0)
    assert receiver.told("workflow_run") == []


def test_completed_of_an_ephemeral_runner_names_it(place, receiver):
    place.hook(receiver, "workflow_job")
    place.push(one_job())
    runner = place.runner("small", name="tfg-7")
    runner.run_one()
    receiver.wait_for("completed/success")
    about = receiver.heard[-1].about
    assert (about["runner_id"], about["runner_name"]) == (runner.id, "tfg-7")


def test_a_hook_is_inactive_unless_it_says_otherwise_and_never_shows_its_secret(place, receiver):
    config = {"url": receiver.url, "content_type": "json", "secret": "s3cret"}
    path = f"/orgs/{place.org}/hooks"
    made = place.forge.api("POST", path, {"type": "gitea", "config": config}, place.token)
    assert made.status == 201
    assert (made.json["active"], made.json["events"]) == (False, ["push"])
    assert b"s3cret" not in made.raw + place.get(path).raw
    place.write({"x": "1"})
    place.hook(receiver, "push")
    place.write({"x": "2"})
    until(lambda: receiver.heard)
    assert len(receiver.heard) == 1


@pytest.mark.parametrize(
    "form, message",
    [
        ({}, "[Type]: Required"),
        ({"type": "gitea"}, "[Config]: Required"),
        ({"type": "nope", "config": {"url": "http://x"}}, "Invalid hook type: nope"),
        ({"type": "gitea", "config": {"content_type": "json"}}, "Missing config option: url"),
        ({"type": "gitea", "config": {"url": "http://x"}}, "Missing config option: content_type"),
        ({"type": "gitea", "config": {"url": "nowhere", "content_type": "json"}}, "Invalid url"),
        ({"type": "gitea", "config": {"url": "http://x:99999", "content_type": "json"}}, "Invalid url"),
        ({"type": "gitea", "config": {"url": "http://x", "content_type": "xml"}}, "Invalid content type"),
        ({"type": "gitea", "config": "words"}, "config is an object of texts"),
    ],
)
def test_a_hook_that_makes_no_sense_is_refused(place, form, message):
    reply = place.forge.api("POST", f"/orgs/{place.org}/hooks", form, place.token)
    assert (reply.status, reply.json["message"]) == (422, message)


def test_a_hook_can_be_read_changed_and_removed(place, receiver):
    hook = place.hook(receiver, "workflow_job")
    path = f"/orgs/{place.org}/hooks/{hook['id']}"
    assert place.get(path).json == hook
    form = {"active": False, "events": ["push"], "config": {"url": "http://127.0.0.1:9/new"}}
    changed = place.forge.api("PATCH", path, form, place.token).json
    assert (changed["active"], changed["events"]) == (False, ["push"])
    assert changed["config"]["url"] == "http://127.0.0.1:9/new"
    assert place.forge.api("DELETE", path, token=place.token).status == 204
    assert place.forge.api("DELETE", path, token=place.token).status == 404
    assert place.get(f"/orgs/{place.org}/hooks").json == []


def test_a_push_is_told_at_once_with_giteas_fields(place, receiver):
    place.hook(receiver, "push")
    place.write({"README.md": "new"}, message="change it")
    until(lambda: receiver.heard)
    push = receiver.heard[0].payload
    assert list(push) == [
        "ref", "before", "after", "compare_url", "commits", "total_commits", "head_commit", "repository",
        "pusher", "sender",
    ]  # fmt: skip
    assert (push["ref"], push["commits"][0]["modified"]) == ("refs/heads/main", ["README.md"])


def test_a_branch_filter_lets_pass_only_its_branches(place, receiver):
    place.hook(receiver, "push", branch_filter="release/*")
    place.write({"a": "1"})
    place.write({"a": "2"}, new_branch="release/1")
    until(lambda: receiver.heard)
    assert [heard.payload["ref"] for heard in receiver.heard] == ["refs/heads/release/1"]


@pytest.mark.parametrize("trouble", ["500", "refused"])
def test_a_delivery_is_tried_once_and_never_again_and_the_hook_stays_active(place, receiver, trouble):
    receiver.status = 500
    url = receiver.url if trouble == "500" else NEVER_THERE
    hook = place.hook(receiver, "workflow_job", config={"url": url, "content_type": "json"})
    (job,) = place.push(one_job())

    def tried():
        rows = place.forge.control("GET", f"/deliveries?job={job['id']}")["deliveries"]
        return [(row["state"], row["status"]) for row in rows if row["tried"] and row["took"]]

    assert until(tried) == [("failed", 500 if trouble == "500" else 0)]
    until(lambda: place.forge.control("GET", "/state")["deliveries_waiting"] == 0)
    assert len(receiver.heard) == (trouble == "500")
    assert place.get(f"/orgs/{place.org}/hooks/{hook['id']}").json["active"] is True


def test_one_slow_receiver_holds_up_everybody_for_five_seconds(own_forge, receiver):
    slow, place = type(receiver)(), a_place(own_forge, "slow")
    slow.pause = 8.0
    place.hook(slow, "push")
    place.hook(receiver, "push")
    place.write({"x": "1"})
    until(lambda: receiver.heard, 15)
    assert 4.9 < receiver.heard[0].at - slow.heard[0].at < 7.9
    first = own_forge.control("GET", "/deliveries")["deliveries"][0]
    assert (first["state"], first["error"]) == ("failed", "TimeoutError: timed out")
    slow.close()
