"""The pages, as somebody without JavaScript sees and uses them."""

from urllib.parse import urlencode

import pytest

from tests.practice.forge.harness import one_job


def see(place, path="", status=200):
    reply = place.forge.call("GET", f"/{place.org}/app{path}")
    assert reply.status == status
    assert reply.headers["Content-Type"].startswith("text/html")
    return reply.raw.decode()


def press(place, path, origin="", **fields):
    headers = {"Content-Type": "application/x-www-form-urlencoded"} | ({"Origin": origin} if origin else {})
    return place.forge.call("POST", f"/{place.org}/app{path}", urlencode(fields).encode(), headers=headers)


def test_the_first_page_lists_the_repositories(place):
    page = place.forge.call("GET", "/").raw.decode()
    assert f'<a href="/{place.org}/app">' in page
    assert "Gitea 1.26" in page


@pytest.mark.parametrize("example", ["hello", "matrix", "needs", "failing", "long"])
def test_an_example_can_be_pushed_for_a_label(place, example):
    assert f'href="/{place.org}/app/push"' in see(place)
    assert "<button>Push</button>" in see(place, "/push")
    reply = press(place, "/push", example=example, label="small")
    assert (reply.status, reply.headers["Location"]) == (303, f"/{place.org}/app")
    assert {tuple(job["labels"]) for job in place.jobs()} == {("small",)}
    assert f"{example}.yml" in see(place)


def test_an_example_starts_itself_alone(place):
    press(place, "/push", example="hello", label="small")
    press(place, "/push", example="failing", label="small")
    assert [job["name"] for job in place.jobs()] == ["hello", "failing"]


def test_a_label_that_breaks_yaml_is_only_a_label(place):
    press(place, "/push", example="hello", label="a: b # c")
    assert [job["labels"] for job in place.jobs()] == [["a: b # c"]]


def test_an_example_without_a_label_is_refused_with_what_to_do(place):
    reply = press(place, "/push", example="hello", label=" ")
    assert reply.status == 422
    assert b"Choose an example and write a label." in reply.raw


def test_a_form_of_another_site_does_nothing(place):
    reply = press(place, "/push", origin="http://elsewhere.example", example="hello", label="small")
    assert reply.status == 403
    assert place.jobs() == []
    own = press(place, "/push", origin=place.forge.url, example="hello", label="small")
    assert own.status == 303


def test_the_address_in_a_job_leads_to_its_page_with_the_log_and_loads_itself_again(place):
    (job,) = place.push(one_job())
    path = job["html_url"].removeprefix(f"{place.forge.url}/{place.org}/app")
    assert "No log yet" in see(place, path)
    runner = place.runner("small")
    task = runner.fetch()
    runner.log(task, "<b>hello</b>")
    assert 'http-equiv="refresh"' in (page := see(place, path))
    assert "&lt;b&gt;hello&lt;/b&gt;" in page
    runner.end(task)
    assert 'http-equiv="refresh"' not in see(place, path)


def test_a_run_can_be_cancelled_and_run_again(place):
    (job,) = place.push(one_job())
    assert "Cancel" in see(place, "/actions/runs/1")
    assert press(place, "/actions/runs/1/cancel").status == 303
    assert place.job(job["id"])["conclusion"] == "cancelled"
    assert "Run again" in see(place, "/actions/runs/1")
    assert press(place, "/actions/runs/1/rerun").status == 303
    assert place.job(job["id"])["status"] == "queued"


def test_a_waiting_run_shows_the_alert(place):
    place.push(one_job("nobody"))
    alert = "No matching online runner with label: nobody"
    assert alert in see(place) and alert in see(place, "/actions/runs/1")


def test_a_file_that_is_no_workflow_is_shown_with_the_reason(place):
    place.write({".gitea/workflows/bad.yml": "on: push\njobs: {}\n"})
    assert "a workflow needs at least one job" in see(place)


def test_the_organization_named_like_the_control_has_pages_too(forge):
    assert forge.call("GET", "/practice/hello").headers["Content-Type"].startswith("text/html")


def test_what_is_not_there_is_a_page_with_404(place):
    see(place, "/actions/runs/99", 404)
    see(place, "/actions/runs/none", 404)
    assert place.forge.call("GET", "/style.css").status == 200
