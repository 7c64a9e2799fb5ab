"""The practice control: guarded, and able to make whatever a test needs."""

import pytest

from tests.practice.forge.harness import a_place, one_job


@pytest.mark.parametrize("token", ["", "Bearer wrong", "Bearer "])
@pytest.mark.parametrize("path", ["faults", "settings", "deliveries", "state", "alerts"])
def test_nobody_gets_in_without_the_control_token(forge, token, path):
    assert forge.call("GET", f"/practice/{path}", headers={"Authorization": token}).status == 401


def test_a_forge_token_is_no_control_token(forge):
    assert forge.call("GET", "/practice/state", token=forge.world["token"]).status == 401


def refused(forge, path, body):
    bearer = {"Authorization": f"Bearer {forge.world['control_token']}"}
    return forge.call("POST", f"/practice{path}", body, headers=bearer).status


def test_what_makes_no_sense_is_refused(forge, place):
    assert refused(forge, "/users", {}) == 422
    assert refused(forge, "/users", {"name": place.owner}) == 422
    assert refused(forge, "/users", {"name": "a/b"}) == 422
    assert refused(forge, "/orgs", {"name": "x", "owner": "nobody-here"}) == 404
    assert refused(forge, "/repos", {"owner": place.org, "name": "app"}) == 409
    assert refused(forge, "/tokens", {"user": place.owner, "scopes": ["read:everything"]}) == 400
    assert refused(forge, "/tokens", {"user": place.owner, "scopes": []}) == 400
    assert refused(forge, f"/orgs/{place.org}/members", {"user": place.owner, "role": "king"}) == 422


def test_a_token_that_was_dropped_opens_nothing(forge, place):
    token = forge.token(place.owner, "read:user")
    assert forge.api("GET", "/user", token=token).status == 200
    forge.control("DELETE", "/tokens", {"token": token})
    assert forge.api("GET", "/user", token=token).status == 401


def test_deliveries_show_what_was_sent_and_how_it_went(forge, place, receiver):
    place.hook(receiver, "workflow_job")
    (job,) = place.push(one_job())
    receiver.wait_for("queued", job["id"])
    (row,) = forge.control("GET", f"/deliveries?job={job['id']}&action=queued")["deliveries"]
    assert row["payload"] == receiver.heard[0].payload
    assert row["headers"].items() <= receiver.heard[0].headers.items()
    assert row["uuid"] == receiver.heard[0].headers["X-Gitea-Delivery"]
    assert forge.control("GET", f"/deliveries?after={row['id']}&job={job['id']}")["deliveries"] == []


def test_the_state_counts_jobs_runners_and_what_waits(own_forge):
    place = a_place(own_forge, "counted")
    place.push(one_job("small", strategy="{matrix: {n: [1, 2, 3]}}"))
    place.runner("small").fetch()
    assert own_forge.control("GET", "/state") == {
        "jobs": {"in_progress": 1, "queued": 2},
        "runners": 1,
        "tasks_running": 1,
        "deliveries_waiting": 0,
    }
