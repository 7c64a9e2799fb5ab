"""Faults on request: counted, seeded, changeable while the forge runs, and none that nobody asked for."""

import http.client
import time

import pytest

from tests.practice.forge.harness import a_place, one_job, until

MATRIX = one_job("small", strategy="{matrix: {n: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}}")
ALL = [f"build ({n})" for n in (1, 10, 2, 3, 4, 5, 6, 7, 8, 9)]


@pytest.fixture
def place(own_forge):
    own_forge.control("PATCH", "/faults", {"queued_delay": 0.0})
    return a_place(own_forge, "prey")


def wish(place, **wishes):
    return place.forge.control("PATCH", "/faults", wishes)


def names(receiver):
    return [heard.about["name"] for heard in receiver.heard]


def all_tried(place):
    until(lambda: place.forge.control("GET", "/state")["deliveries_waiting"] == 0)
    return place.forge.control("GET", "/deliveries")["deliveries"]


def test_without_a_wish_all_come_once_in_order(place, receiver):
    place.hook(receiver, "workflow_job")
    place.push(MATRIX)
    receiver.wait_for("queued", count=10)
    all_tried(place)
    assert names(receiver) == ALL


def test_dropped_deliveries_are_never_sent_and_counted(place, receiver):
    place.hook(receiver, "workflow_job")
    wish(place, drop=0.5, seed=7)
    place.push(MATRIX)
    rows = all_tried(place)
    dropped = [row for row in rows if row["state"] == "dropped"]
    assert 0 < len(dropped) < 10
    assert len(receiver.heard) == 10 - len(dropped)
    assert place.forge.control("GET", "/faults")["counters"]["deliveries_dropped"] == len(dropped)


def test_a_double_has_the_same_delivery_id(place, receiver):
    place.hook(receiver, "workflow_job")
    wish(place, double=1.0)
    place.push(one_job())
    receiver.wait_for("queued", count=2)
    assert len({heard.headers["X-Gitea-Delivery"] for heard in receiver.heard}) == 1


def test_reordered_deliveries_all_come_in_another_order(place, receiver):
    place.hook(receiver, "workflow_job")
    wish(place, reorder=0.5, seed=3)
    place.push(MATRIX)
    receiver.wait_for("queued", count=10)
    assert names(receiver) != ALL
    assert sorted(names(receiver)) == ALL


def test_a_delayed_delivery_lets_the_others_pass(place, receiver):
    place.hook(receiver, "workflow_job")
    wish(place, delay=1.0, delay_range=[2.0, 2.2])
    (first,) = place.push(one_job("a"), "a.yml")
    until(lambda: place.forge.control("GET", f"/deliveries?job={first['id']}&state=pending")["deliveries"])
    wish(place, delay=0.0)
    place.runner("a").run_one()
    receiver.wait_for("queued", first["id"])
    assert receiver.told() == [("in_progress", 1), ("completed/success", 1), ("queued", 1)]


def test_the_same_seed_makes_the_same_faults(place, receiver):
    place.hook(receiver, "workflow_job")
    fates = []
    for _ in range(2):
        wish(place, drop=0.0, seed=0)
        all_tried(place)
        wish(place, drop=0.5, seed=11)
        jobs = {job["id"] for job in place.push(MATRIX)}
        fates.append(
            [row["state"] for row in all_tried(place) if row["job_id"] in jobs and row["action"] == "queued"]
        )
        for run_id in {job["run_id"] for job in place.jobs("?status=queued")}:
            wish(place, drop=0.0, seed=0)
            place.cancel(run_id)
    assert fates[0] == fates[1]
    assert set(fates[0]) == {"sent", "dropped"}


def test_errors_hit_api_and_runner_calls_which_are_then_not_carried_out(place):
    wish(place, error_rate=1.0)
    assert place.get("/user").status == 500
    made = place.forge.api("POST", f"{place.repo}/contents/x", {"content": ""}, place.push_token)
    assert made.status == 500
    reply = place.forge.call("POST", "/api/actions/ping.v1.PingService/Ping", {})
    assert (reply.status, reply.json["code"]) == (500, "unknown")
    assert place.forge.call("GET", "/").status == 200, "pages and control are spared"
    assert wish(place, error_rate=0.0)["counters"]["errors"] == 3
    assert place.get(f"{place.repo}/contents/x").status == 404


def test_a_lost_answer_was_carried_out(place):
    wish(place, lost_answer_rate=1.0)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        place.forge.api("POST", f"{place.repo}/contents/x", {"content": ""}, place.push_token)
    wish(place, lost_answer_rate=0.0)
    assert place.get(f"{place.repo}/contents/x").status == 200


def test_slow_makes_each_call_longer(place):
    wish(place, slow=0.4)
    began = time.monotonic()
    assert place.get("/user").status == 200
    assert time.monotonic() - began >= 0.4


def test_down_closes_every_connection_and_keeps_webhooks_for_later(place, receiver):
    place.hook(receiver, "workflow_job")
    wish(place, queued_delay=0.3)
    place.push(one_job())
    wish(place, down_for=2.0)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        place.get("/user")
    until(lambda: receiver.heard)
    assert place.get("/user").status == 200
    until_time = place.forge.control("GET", "/faults")["down_until"]
    assert receiver.heard[0].at >= until_time


def test_a_withheld_job_stays_queued_though_its_runner_asks(place):
    place.push(one_job())
    wish(place, withhold=["small"])
    runner = place.runner("small")
    assert runner.fetch() is None
    wish(place, withhold=[])
    assert runner.fetch() is not None


def test_all_is_well_again_after_a_reset(place):
    wish(place, error_rate=1.0, slow=1.0, drop=1.0)
    quiet = place.forge.control("DELETE", "/faults")
    assert (quiet["error_rate"], quiet["slow"], quiet["drop"]) == (0.0, 0.0, 0.0)
    assert place.get("/user").status == 200


@pytest.mark.parametrize(
    "body",
    [
        {"dropp": 1},
        {"drop": "much"},
        {"drop": -1},
        {"drop": True},
        {"down_for": "long"},
        {"withhold": "small"},
        {"withhold": [1]},
        {"delay_range": [1.0]},
        {"delay_range": ["a", "b"]},
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(place, body):
    bearer = {"Authorization": f"Bearer {place.forge.world['control_token']}"}
    assert place.forge.call("PATCH", "/practice/faults", body, headers=bearer).status == 422
