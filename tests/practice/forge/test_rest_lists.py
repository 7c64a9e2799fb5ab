"""Lists of jobs, runs and runners: pages, filters, and the recorded shapes."""

import pytest

from tests.practice.forge.harness import a_place, one_job
from tests.practice.forge.shape import recorded, shape

SEVENTY = one_job("small", strategy=f"{{matrix: {{n: {list(range(70))}}}}}")


@pytest.fixture(scope="module")
def many(forge):
    place = a_place(forge, "many")
    place.push(SEVENTY)
    return place


@pytest.mark.parametrize(
    "query, count",
    [
        ("", 70),
        ("?limit=1", 70),
        ("?page=1", 30),
        ("?page=3", 10),
        ("?page=4", 0),
        ("?page=1&limit=7", 7),
        ("?page=1&limit=50", 50),
        ("?page=1&limit=200", 50),
        ("?page=2&limit=50", 20),
        ("?page=1&limit=50&status=queued", 50),
        ("?page=1&status=in_progress", 0),
    ],
)
def test_limit_without_page_returns_everything_and_a_page_has_at_most_50(many, query, count):
    reply = many.get(f"/orgs/{many.org}/actions/jobs{query}").json
    assert len(reply["jobs"]) == count
    assert reply["total_count"] == (0 if "in_progress" in query else 70)


def test_jobs_come_in_the_order_of_their_ids(many):
    ids = [job["id"] for job in many.jobs()]
    assert ids == sorted(ids)


def test_status_may_be_asked_for_several_times(place):
    place.push(one_job("a"), "a.yml")
    place.push(one_job("b"), "b.yml")
    place.runner("a").run_one()
    jobs = place.jobs
    assert {job["labels"][0] for job in jobs("?status=queued")} == {"b"}
    assert {job["labels"][0] for job in jobs("?status=queued&status=completed")} == {"a", "b"}
    assert {job["labels"][0] for job in jobs("?status=success")} == {"a"}
    assert jobs("?status=waiting") == jobs("?status=failure") == []


def test_a_status_that_nobody_knows_is_400(place):
    reply = place.get(f"/orgs/{place.org}/actions/jobs?status=bogus")
    assert (reply.status, reply.json["message"]) == (400, "Invalid status bogus")


def test_jobs_are_listed_for_the_organization_the_repository_and_the_run(place):
    job = place.push(one_job())[0]
    repo_token = place.forge.token(place.owner, "read:repository")
    for path, token in (
        (f"/orgs/{place.org}/actions/jobs", place.token),
        (f"{place.repo}/actions/jobs", repo_token),
        (f"{place.repo}/actions/runs/{job['run_id']}/jobs", repo_token),
    ):
        assert place.forge.api("GET", path, token=token).json == {"jobs": [job], "total_count": 1}
    assert place.forge.api("GET", f"{place.repo}/actions/jobs/{job['id']}", token=repo_token).json == job


def test_a_job_of_another_repository_is_404(place, many):
    job = place.push(one_job())[0]
    assert many.get(f"{many.repo}/actions/jobs/{job['id']}").status == 404
    unknown = many.get(f"{many.repo}/actions/jobs/999999")
    assert (unknown.status, unknown.json["errors"]) == (404, ["resource does not exist"])
    assert many.get(f"{many.repo}/actions/jobs/999999/logs").status == 500, "as Gitea does"
    assert many.get(f"{many.repo}/actions/runs/999999/jobs").json == {"jobs": [], "total_count": 0}
    assert many.get(f"{many.repo}/actions/jobs/none").status == 404


def test_a_log_is_404_before_its_first_line(place):
    job = place.push(one_job())[0]
    path = f"{place.repo}/actions/jobs/{job['id']}/logs"
    assert (place.get(path).status, place.get(path).json["errors"]) == (404, ["job not started"])
    runner = place.runner("small")
    task = runner.fetch()
    assert place.get(path).status == 404
    runner.log(task, "here")
    assert place.get(path).status == 200


@pytest.mark.parametrize(
    "asked, status, part",
    [
        ("bytes=-6", 206, b"three\n"),
        ("bytes=-9999", 206, None),
        ("bytes=0-3", 206, b"2026"),
        ("bytes=9999-", 416, None),
        ("lines=1-2", 200, None),
    ],
)
def test_a_part_of_a_log_may_be_asked_for(place, asked, status, part):
    (job,) = place.push(one_job())
    runner = place.runner("small")
    runner.log(runner.fetch(), "one", "two", "three")
    path = f"/api/v1{place.repo}/actions/jobs/{job['id']}/logs"
    whole = place.forge.call("GET", path, token=place.token).raw
    reply = place.forge.call("GET", path, token=place.token, headers={"Range": asked})
    assert reply.status == status
    assert status == 416 or reply.raw == (part or whole)


def test_everything_has_the_recorded_shape(place, receiver):
    """Field for field, in Gitea's order: jobs queued, running and cancelled, runs, runners, accounts."""
    theirs = {name: shape(answer["body"]) for name, answer in recorded("api.json").items()}
    job = place.push(one_job())[0]
    org = f"/orgs/{place.org}"

    def ours(path):
        return shape(place.get(path).json)

    assert ours(f"{org}/actions/jobs") == theirs["org_jobs_queued"]
    assert ours(f"{org}/actions/runs") == theirs["org_runs"]
    assert ours(f"{place.repo}/actions/runs/{job['run_id']}") == theirs["run_queued"]
    runner = place.runner("small")
    runner.beat(runner.fetch())
    assert ours(f"{org}/actions/jobs?status=in_progress") == theirs["jobs_in_progress"]
    assert ours(f"{org}/actions/runners") == theirs["runners_busy"]
    place.cancel(job["run_id"])
    assert ours(f"{place.repo}/actions/jobs/{job['id']}") == theirs["after_cancel_running_job"]
    place.hook(receiver, "workflow_job", "workflow_run")
    assert ours(f"{org}/hooks") == theirs["hooks"]
    assert ours("/user") == theirs["user"]
    assert ours(org) == theirs["org"]
    assert ours("/version") == theirs["version"]


def test_unset_times_are_1970_and_unset_fields_absent(place):
    job = place.push(one_job())[0]
    assert job["started_at"] == job["completed_at"] == "1970-01-01T00:00:00Z"
    assert not {"runner_id", "runner_name", "conclusion"} & set(job)
    assert job["steps"] is None


def test_the_version_can_be_set(own_forge):
    assert own_forge.api("GET", "/version").json == {"version": "1.26.0"}
    own_forge.control("PATCH", "/settings", {"version": "1.24.7"})
    assert own_forge.api("GET", "/version").json == {"version": "1.24.7"}
