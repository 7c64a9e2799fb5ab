"""Its first start, its next start, and what is left after a kill -9."""

import http.client
import stat

from tests.practice.forge.harness import Forge, a_place, one_job, until


def test_the_first_start_makes_a_world_that_can_be_linked_and_pushed_to(own_forge):
    world = own_forge.world
    assert (world["org"], world["repo"]) == ("practice", "practice/hello")
    for path in (
        "/user",
        "/orgs/practice/actions/jobs",
        "/orgs/practice/actions/runners",
        "/orgs/practice/hooks",
    ):
        assert own_forge.api("GET", path, token=world["token"]).status == 200
    made = own_forge.api("POST", "/repos/practice/hello/contents/x", {"content": ""}, world["push_token"])
    assert made.status == 201


def test_its_files_are_for_the_owners_eyes_only(own_forge):
    for path in own_forge.home.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert stat.S_IMODE(own_forge.home.stat().st_mode) == 0o700


def test_the_world_is_the_same_at_the_next_start_but_for_its_address(own_forge):
    before = own_forge.world
    assert own_forge.stop() == 0
    own_forge.start()
    assert own_forge.world == {**before, "url": own_forge.url}


def test_tokens_stand_in_forge_json_and_nowhere_else(own_forge):
    own_forge.stop()
    kept = b"".join(path.read_bytes() for path in own_forge.home.iterdir() if path.name != "forge.json")
    for name in ("token", "push_token", "control_token"):
        assert own_forge.world[name].encode() not in kept
    own_forge.start()


def test_after_a_kill_all_that_was_answered_is_still_there(own_forge):
    place = a_place(own_forge, "sturdy")
    queued, running = place.push(one_job("small", strategy="{matrix: {n: [1, 2]}}"))
    lasting, ephemeral = place.runner("other", ephemeral=False), place.runner("small")
    task = ephemeral.fetch()
    ephemeral.log(task, "before")
    jobs, log = place.jobs(), f"{place.repo}/actions/jobs/{queued['id']}/logs"
    port = own_forge.port
    own_forge.kill()
    own_forge.start(port)
    assert place.jobs() == jobs
    assert {runner["id"] for runner in place.runners()} == {lasting.id, ephemeral.id}
    assert place.get(log).raw.endswith(b" before\n")
    assert ephemeral.end(task).status == 200
    assert place.job(queued["id"])["conclusion"] == "success"
    place.runner("small").run_one()
    assert place.job(running["id"])["conclusion"] == "success"


def test_a_delivery_that_was_not_tried_is_sent_after_the_restart(own_forge, receiver):
    own_forge.control("PATCH", "/faults", {"queued_delay": 2.0})
    place = a_place(own_forge, "patient")
    place.hook(receiver, "workflow_job")
    (job,) = place.push(one_job())
    own_forge.kill()
    assert receiver.heard == []
    own_forge.start(own_forge.port)
    receiver.wait_for("queued", job["id"])


def test_a_delivery_that_was_being_tried_is_not_sent_again(own_forge, receiver):
    place = a_place(own_forge, "hasty")
    place.hook(receiver, "push")
    receiver.pause = 3.0
    place.write({"x": "1"})
    until(lambda: receiver.heard)
    own_forge.kill()
    receiver.pause = 0.0
    own_forge.start(own_forge.port)
    place.write({"x": "2"})
    until(lambda: len(receiver.heard) == 2)
    assert [heard.payload["head_commit"]["modified"] for heard in receiver.heard] == [[], ["x"]]
    first = own_forge.control("GET", "/deliveries")["deliveries"][0]
    assert (first["state"], first["error"]) == ("failed", "the forge ended meanwhile")


def test_two_forges_with_different_homes_run_side_by_side(own_forge, tmp_path):
    other = Forge(tmp_path / "other")
    try:
        assert other.url != own_forge.url
        assert other.world["token"] != own_forge.world["token"]
        assert other.api("GET", "/user", token=own_forge.world["token"]).status == 401
    finally:
        other.kill()


def test_a_connection_is_kept_alive_over_many_calls(forge):
    connection = http.client.HTTPConnection("127.0.0.1", forge.port, timeout=5)
    connection.connect()
    sock = connection.sock
    for path in ("/api/v1/version", "/api/v1/nowhere", "/practice/state", "/"):
        connection.request("GET", path)
        connection.getresponse().read()
    assert connection.sock is sock
    connection.close()


def test_a_body_that_is_too_large_or_no_json_is_refused(place):
    path = f"{place.repo}/contents/x"
    too_large = {"Content-Length": str(16 * 1024 * 1024 + 1)}
    assert place.forge.call("POST", f"/api/v1{path}", headers=too_large).status == 413
    assert place.forge.api("POST", path, b"{no json", place.push_token).status == 422
    assert place.forge.api("POST", path, b"[1]", place.push_token).status == 422
