"""Pull requests: opened once for two branches, shown, merged with one push."""

import base64
from urllib.parse import urlencode

import pytest

from tests.practice.forge.harness import one_job

WORKFLOW = ".gitea/workflows/ci.yml"


@pytest.fixture
def pull(place):
    """Of a branch that sends the job elsewhere."""
    place.push(one_job("old"))
    sha = place.get(f"{place.repo}/contents/{WORKFLOW}").json["sha"]
    content = base64.b64encode(one_job("new").encode()).decode()
    file = {"operation": "update", "path": WORKFLOW, "sha": sha, "content": content}
    asked = {"files": [file], "new_branch": "move", "message": "Move"}
    assert place.forge.api("POST", f"{place.repo}/contents", asked, place.push_token).status == 201
    return opened(place).json


def opened(place, token="", **more):
    asked = {"head": "move", "base": "main", "title": "Move to <new>", "body": "Because.", **more}
    return place.forge.api("POST", f"{place.repo}/pulls", asked, token or place.push_token)


def test_it_has_a_page_that_shows_what_it_changes(place, pull):
    page = place.forge.call("GET", f"/{place.org}/app/pulls/1").raw.decode()
    assert pull["html_url"].endswith("/app/pulls/1")
    assert "Move to &lt;new&gt;" in page
    assert "-    runs-on: old" in page and "+    runs-on: new" in page


def test_merging_it_is_one_push_that_starts_what_it_starts(place, pull):
    path = f"/{place.org}/app/pulls/1"
    answer = place.forge.call("POST", f"{path}/merge", urlencode({}).encode())
    assert answer.status == 303
    newest = place.jobs()[-1]
    assert (newest["labels"], newest["head_branch"]) == (["new"], "main")
    assert "Merged" in place.forge.call("GET", path).raw.decode()
    assert place.forge.call("POST", f"{path}/merge").status == 405


def test_it_is_opened_once_and_by_who_may_write(place, pull):
    assert opened(place).status == 409
    assert opened(place, token=place.token).status == 403
    assert opened(place, title="").status == 422
    assert opened(place, head="nowhere").status == 404
    assert place.forge.call("GET", f"/{place.org}/app/pulls/2").status == 404


def test_a_folder_lists_what_lies_right_in_it(place, pull):
    place.push(one_job(), "deep/x.yml")
    listed = place.get(f"{place.repo}/contents/.gitea/workflows").json
    assert [(entry["name"], entry["type"], entry["content"]) for entry in listed] == [
        ("ci.yml", "file", None),
        ("deep", "dir", None),
    ]
