"""What a push sets in motion, and what a cancel, a rerun and a newer push do to it."""

import base64

import pytest

from tests.practice.forge.harness import a_place, one_job, until


def statuses(place):
    return [(job["name"], job["status"], job.get("conclusion")) for job in place.jobs()]


def test_a_push_queues_a_job_at_once_whether_or_not_a_runner_is_there(place):
    (job,) = place.push(one_job("nobody-has-this"))
    assert (job["status"], job["run_attempt"], job["labels"]) == ("queued", 0, ["nobody-has-this"])


@pytest.mark.parametrize(
    "runs_on, labels",
    [
        ("small", ["small"]),
        ("[a, b]", ["a", "b"]),
        ("{group: g, labels: [q9]}", ["q9", "g"]),
        ("{group: g}", ["g"]),
        ("2cpu4gbram20gbssd", ["2cpu4gbram20gbssd"]),
        ("${{ github.ref_name }}-machine", ["main-machine"]),
    ],
)
def test_runs_on_may_be_a_text_a_list_or_a_group_with_labels(place, runs_on, labels):
    assert place.push(one_job(runs_on))[0]["labels"] == labels


def test_a_matrix_makes_one_job_per_cell_with_its_value_in_name_and_label(place):
    grid = "on: push\njobs:\n  grid:\n    runs-on: q${{ matrix.n }}\n    strategy: {matrix: {n: [1, 2, 3]}}\n"
    jobs = place.push(grid + "    steps: [{run: 'true'}]\n")
    assert [(job["name"], job["labels"]) for job in jobs] == [
        ("grid (1)", ["q1"]),
        ("grid (2)", ["q2"]),
        ("grid (3)", ["q3"]),
    ]


def test_before_1_27_an_attempt_counts_pickups_and_a_rerun_keeps_the_job_id(place):
    (job,) = place.push(one_job())
    place.runner("small").run_one("RESULT_FAILURE")
    assert (place.job(job["id"])["run_attempt"], place.job(job["id"])["conclusion"]) == (1, "failure")
    assert place.rerun(job["run_id"]).status == 200
    queued = place.job(job["id"])
    assert (queued["status"], queued["run_attempt"], queued["started_at"][:4]) == ("queued", 1, "1970")
    assert "runner_id" not in queued
    place.runner("small").run_one()
    assert (place.job(job["id"])["run_attempt"], place.job(job["id"])["conclusion"]) == (2, "success")
    assert len(place.jobs()) == 1


PAIR = """\
on: push
jobs:
  build: {runs-on: small, steps: [{run: 'true'}]}
  lint: {runs-on: other, steps: [{run: 'true'}]}
"""


def test_from_1_27_on_each_attempt_has_its_number_and_jobs_of_its_own(own_forge):
    place = a_place(own_forge, "newer")
    own_forge.control("PATCH", "/settings", {"version": "1.27.0"})
    build, lint = place.push(PAIR)
    assert build["run_attempt"] == 1
    place.runner("small").run_one("RESULT_FAILURE")
    place.runner("other").run_one()
    path = f"{place.repo}/actions/runs/{build['run_id']}"
    assert own_forge.api("POST", f"{path}/jobs/{build['id']}/rerun", token=place.push_token).status == 200
    again, reused = place.get(f"{path}/jobs").json["jobs"]
    assert not {again["id"], reused["id"]} & {build["id"], lint["id"]}
    assert (again["status"], again["run_attempt"], "runner_id" in again) == ("queued", 2, False)
    assert (reused["conclusion"], reused["run_attempt"], "runner_id" in reused) == ("success", 2, True)
    assert place.get(path).json["status"] == "queued"
    place.runner("small").run_one()
    first, last = (place.job(job["id"]) for job in (build, again))
    assert (first["conclusion"], first["run_attempt"]) == ("failure", 1)
    assert (last["conclusion"], last["run_attempt"]) == ("success", 2)
    assert place.get(path).json["conclusion"] == "success"
    assert len(place.jobs()) == 4
    assert own_forge.api("POST", f"{path}/jobs/{build['id']}/rerun", token=place.push_token).status == 400


def test_a_run_that_is_not_done_cannot_be_rerun_or_deleted(place):
    (job,) = place.push(one_job())
    assert place.rerun(job["run_id"]).json["message"] == "This workflow run is not done."
    path = f"{place.repo}/actions/runs/{job['run_id']}"
    refused = place.forge.api("DELETE", path, token=place.push_token)
    assert (refused.status, refused.json["message"]) == (400, "this workflow run is not done")
    place.cancel(job["run_id"])
    assert place.forge.api("DELETE", path, token=place.push_token).status == 204
    assert place.get(path).status == 404
    assert place.jobs() == []


NEEDS = """\
on: push
jobs:
  first: {runs-on: small, steps: [{run: "true"}]}
  second: {needs: first, runs-on: small, steps: [{run: "true"}]}
  always: {needs: first, if: always(), runs-on: small, steps: [{run: "true"}]}
  third: {needs: [second], runs-on: small, steps: [{run: "true"}]}
"""


def test_a_job_with_needs_waits_and_is_queued_when_they_are_done(place):
    place.push(NEEDS)
    waiting = [("second", "waiting", None), ("always", "waiting", None), ("third", "waiting", None)]
    assert statuses(place) == [("first", "queued", None), *waiting]
    assert [job["name"] for job in place.jobs("?status=waiting")] == ["second", "always", "third"]
    place.runner("small").run_one()
    assert statuses(place) == [
        ("first", "completed", "success"),
        ("second", "queued", None),
        ("always", "queued", None),
        ("third", "waiting", None),
    ]


def test_after_a_failure_a_job_is_skipped_but_one_with_if_is_left_to_a_runner(place):
    """So a job skipped by its `if:` costs a pickup: queued, in progress, completed/skipped."""
    place.push(NEEDS)
    place.runner("small").run_one("RESULT_FAILURE")
    assert statuses(place) == [
        ("first", "completed", "failure"),
        ("second", "completed", "skipped"),
        ("always", "queued", None),
        ("third", "completed", "skipped"),
    ]
    place.runner("small").run_one("RESULT_SKIPPED")
    assert statuses(place)[2] == ("always", "completed", "skipped")


def test_jobs_that_all_need_each_other_wait_for_ever(place):
    place.push("on: push\njobs: {a: {needs: b, runs-on: s}, b: {needs: a, runs-on: s}}\n")
    assert statuses(place) == [("a", "waiting", None), ("b", "waiting", None)]


def test_cancelling_while_queued_completes_the_job_without_a_runner(place):
    (job,) = place.push(one_job())
    assert place.cancel(job["run_id"]).json == {"ok": True}
    cancelled = place.job(job["id"])
    assert (cancelled["status"], cancelled["conclusion"], cancelled["run_attempt"]) == (
        "completed",
        "cancelled",
        0,
    )
    assert "runner_id" not in cancelled


def test_cancelling_while_an_ephemeral_runner_works_tells_nobody(place, receiver):
    """The API says cancelled at once, the runner's row is gone, its next call fails, no webhook comes."""
    place.hook(receiver, "workflow_job", "workflow_run")
    (job,) = place.push(one_job())
    runner = place.runner("small")
    task = runner.fetch()
    receiver.wait_for("in_progress", job["id"])
    before = len(receiver.heard)
    place.cancel(job["run_id"])
    cancelled = place.job(job["id"])
    assert (cancelled["status"], cancelled["conclusion"], cancelled["runner_name"]) == (
        "completed",
        "cancelled",
        "r",
    )
    assert place.runners() == []
    for reply in (runner.beat(task), runner.log(task, "still here"), runner.end(task)):
        assert reply.status == 500
        assert reply.json["message"] == "rpc error: code = Unauthenticated desc = unregistered runner"
    until(lambda: place.forge.control("GET", "/state")["deliveries_waiting"] == 0)
    assert len(receiver.heard) == before


def test_cancelling_while_a_lasting_runner_works_is_told_at_its_next_word(place, receiver):
    place.hook(receiver, "workflow_job")
    (job,) = place.push(one_job())
    runner = place.runner("small", ephemeral=False)
    task = runner.fetch()
    place.cancel(job["run_id"])
    assert runner.beat(task).json == {"state": {"id": task["id"], "result": "RESULT_CANCELLED"}}
    receiver.wait_for("completed/cancelled", job["id"])
    assert receiver.heard[-1].about["steps"] is None


def test_a_newer_push_cancels_the_older_run_of_the_same_branch_and_workflow(place, receiver):
    """Queued jobs: completed/cancelled. A running one: in_progress a second time, never completed."""
    place.hook(receiver, "workflow_job", "workflow_run")
    running, queued = place.push(one_job("small", strategy="{matrix: {n: [1, 2]}}"))
    runner = place.runner("small")
    task = runner.fetch()
    receiver.wait_for("in_progress", running["id"])
    newer = place.push(one_job())
    receiver.wait_for("in_progress", running["id"], count=2)
    receiver.wait_for("completed/cancelled", queued["id"])
    receiver.wait_for("completed/cancelled", running["run_id"], event="workflow_run")
    assert ("completed/cancelled", running["id"]) not in receiver.told()
    assert [place.job(job["id"])["conclusion"] for job in (running, queued)] == ["cancelled"] * 2
    assert place.job(newer[0]["id"])["status"] == "queued"
    assert place.runners() == []
    assert runner.beat(task).status == 500


def test_a_push_to_another_branch_cancels_nothing(place):
    (job,) = place.push(one_job())
    place.push(one_job(), new_branch="other")
    assert place.job(job["id"])["status"] == "queued"
    assert [shown["head_branch"] for shown in place.jobs()] == ["main", "other"]


@pytest.mark.parametrize(
    "on, branch, starts",
    [
        ("push", "main", True),
        ("{push: {branches: [main]}}", "main", True),
        ("{push: {branches: ['release/*']}}", "main", False),
        ("{push: {branches-ignore: [main]}}", "main", False),
        ("{push: {paths: ['src/**']}}", "main", False),
        ("{push: {paths: ['.gitea/**']}}", "main", True),
        ("{push: {tags: ['v*']}}", "main", False),
        ("workflow_dispatch", "main", False),
        ("[pull_request]", "main", False),
    ],
)
def test_a_push_starts_only_the_workflows_that_want_it(place, on, branch, starts):
    jobs = place.push(one_job().replace("[push]", on), branch=branch)
    assert bool(jobs) is starts


def test_a_commit_that_says_skip_ci_starts_nothing(place):
    assert place.push(one_job(), message="words only [skip ci]") == []


def test_a_file_that_is_no_workflow_starts_nothing_and_hurts_nobody(place):
    place.write({".gitea/workflows/bad.yml": "on: [push\njobs: x", ".gitea/workflows/good.yml": one_job()})
    assert [job["name"] for job in place.jobs()] == ["build"]


def test_a_dispatch_starts_a_workflow_that_allows_it_with_its_inputs(place):
    on = "{workflow_dispatch: {inputs: {size: {default: small}}}}"
    place.push(one_job("${{ inputs.size }}").replace("[push]", on))
    path = f"{place.repo}/actions/workflows/ci.yml/dispatches"

    def dispatch(**body):
        return place.forge.api("POST", path, body, place.push_token)

    assert dispatch(ref="main").status == 204
    assert dispatch(ref="refs/heads/main", inputs={"size": "large"}).status == 204
    assert [(job["labels"], job.get("conclusion")) for job in place.jobs()] == [
        (["small"], "cancelled"),
        (["large"], None),
    ]
    assert dispatch().json["message"] == "[Ref]: Required"
    assert dispatch(ref="nowhere").status == 404


def test_the_contents_api_creates_reads_updates_and_deletes(place):
    def call(method, **body):
        return place.forge.api(method, f"{place.repo}/contents/a/b.txt", body or None, place.push_token)

    one, two = (base64.b64encode(text).decode() for text in (b"one", b"two"))
    made = call("POST", content=one, message="first")
    assert (made.status, made.json["commit"]["message"]) == (201, "first\n")
    assert call("POST", content=one).status == 422
    assert call("PUT", content=two).json["message"] == "[SHA]: Required"
    assert call("PUT", content=two, sha="0" * 40).status == 422
    changed = call("PUT", content=two, sha=made.json["content"]["sha"])
    assert (changed.status, call("GET").json["content"]) == (200, two)
    assert call("DELETE", sha=changed.json["content"]["sha"]).status == 200
    assert call("GET").status == 404
    assert call("POST", content="no base64!").status == 422


@pytest.mark.parametrize("path", [".git/config", "a//b", "a/../b", "./a"])
def test_a_path_that_no_repository_can_hold_is_refused(place, path):
    reply = place.forge.api("POST", f"{place.repo}/contents/{path}", {"content": ""}, place.push_token)
    assert (reply.status, reply.json["message"]) == (
        422,
        f"path contains a malformed path component [path: {path}]",
    )


def test_a_commit_can_make_a_new_branch_and_a_branch_must_exist(place):
    def write(name, **more):
        path = f"{place.repo}/contents/{name}"
        return place.forge.api("POST", path, {"content": "", **more}, place.push_token)

    assert write("one", new_branch="fresh").status == 201
    assert write("two", branch="fresh", new_branch="fresh").status == 201
    assert write("three", branch="nowhere").status == 404
    assert write("three", new_branch="fresh").json["message"] == "branch already exists [name: fresh]"
    assert place.forge.api("GET", f"{place.repo}/contents/one", token=place.push_token).status == 404
    assert (
        place.forge.api("GET", f"{place.repo}/contents/one?ref=fresh", token=place.push_token).status == 200
    )
