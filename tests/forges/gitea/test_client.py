"""Gitea's bytes, as a real 1.25.4 sent them, in our words; and those that nobody should send."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import respx
from httpx import Response

from tfci.core.http_client import Policy
from tfci.core.secret import Secret
from tfci.forges.errors import ForgeRefused, Gone, Unreachable
from tfci.forges.gitea.api import PAGES
from tfci.forges.gitea.client import Gitea, GiteaHooks
from tfci.forges.problems import ActionsOff, VersionTooOld
from tfci.forges.target import ForgeTarget

RECORDED = Path(__file__).parent / "fixtures"
URL = "https://git.example.org"
API = f"{URL}/api/v1"
SECRET = Secret("s3cret")  # what the recorded deliveries were signed with
HOOKS = GiteaHooks()


def delivery(name):
    """Headers and raw body of a recorded delivery."""
    kept = json.loads((RECORDED / "hooks" / f"{name}.json").read_text())
    return kept["headers"], kept["body"].encode()


def answer(name):
    return json.loads((RECORDED / "api" / f"{name}.json").read_text())


def told(name, /, **changes):
    """What a recorded job delivery says, its job changed."""
    headers, body = delivery(name)
    payload = json.loads(body)
    payload["workflow_job"] |= changes
    return HOOKS.read(headers, json.dumps(payload).encode()).jobs[0]


def at(hour, minute, second):
    return datetime(2026, 11, 24, hour, minute, second, tzinfo=UTC)


@pytest.fixture
def gitea():
    return Gitea(ForgeTarget(URL, "acme", Secret("t0ken"), Policy()))


@pytest.fixture
def web():
    with respx.mock as web:
        yield web


# The API


def test_a_list_names_the_repository_only_in_an_address(gitea, web):
    web.get(f"{API}/orgs/acme/actions/jobs").respond(json=answer("jobs-queued"))
    jobs = gitea.waiting_jobs()
    assert [(job.job_id, job.repository, job.name) for job in jobs] == [
        ("1", "acme/app", "build0"),
        ("2", "acme/app", "build1"),
    ]


def test_jobs_are_asked_for_by_status_always_with_page_and_limit(gitea, web):
    route = web.get(f"{API}/orgs/acme/actions/jobs").respond(json={"jobs": None, "total_count": 0})
    assert gitea.waiting_jobs() == gitea.running_jobs() == []
    queries = [call.request.url.query.decode() for call in route.calls]
    assert queries == ["status=queued&status=waiting&page=1&limit=50", "status=in_progress&page=1&limit=50"]
    assert route.calls[0].request.headers["Authorization"] == "token t0ken"


def test_a_running_job_shows_its_runner(gitea, web):
    web.get(f"{API}/orgs/acme/actions/jobs").respond(json=answer("jobs-in-progress"))
    (job,) = gitea.running_jobs()
    assert (job.status, job.runner_id, job.runner_name) == ("in_progress", "4", "real-4a7949")


def test_one_job_is_read_by_repository_and_id(gitea, web):
    web.get(f"{API}/repos/acme/app/actions/jobs/13").respond(json=answer("job-cancelled-while-running"))
    job = gitea.job("acme/app", "9", "13")
    assert (job.status, job.conclusion, job.runner_name) == ("completed", "cancelled", "real-4a7949")


def test_runners_are_read(gitea, web):
    web.get(f"{API}/orgs/acme/actions/runners").respond(json=answer("runners-busy"))
    (runner,) = gitea.runners()
    assert (runner.runner_id, runner.name, runner.labels) == ("4", "real-4a7949", ("long",))
    assert (runner.online, runner.busy, runner.ephemeral) == (True, True, True)


def pages(total, size, largest=None):
    """A list of `total` jobs that is handed out `size` at a time, and may claim to have more."""
    first = answer("jobs-queued")["jobs"][0]

    def page(request):
        number = int(request.url.params["page"])
        ids = range((number - 1) * size + 1, min(number * size, total) + 1)
        return Response(
            200, json={"jobs": [first | {"id": id_} for id_ in ids], "total_count": largest or total}
        )

    return page


def test_a_forge_with_smaller_pages_is_read_to_the_end(gitea, web):
    route = web.get(f"{API}/orgs/acme/actions/jobs").mock(side_effect=pages(total=70, size=30))
    assert len(gitea.waiting_jobs()) == 70
    assert route.call_count == 3


def test_a_list_that_shrinks_while_it_is_read_ends(gitea, web):
    route = web.get(f"{API}/orgs/acme/actions/jobs").mock(side_effect=pages(total=60, size=50, largest=90))
    assert len(gitea.waiting_jobs()) == 60
    assert route.call_count == 3


def test_a_list_without_end_is_left_at_its_bound(gitea, web):
    route = web.get(f"{API}/orgs/acme/actions/jobs").mock(side_effect=pages(10**6, 1))
    assert len(gitea.waiting_jobs()) == PAGES
    assert route.call_count == PAGES


def test_a_names_odd_letters_stay_inside_their_part_of_the_path(web):
    route = web.get(url__startswith=API).respond(404, json={"message": "not found"})
    with pytest.raises(Gone):
        Gitea(ForgeTarget(URL, "a/../b?c", Secret("t"), Policy())).runners()
    assert route.calls[0].request.url.raw_path.startswith(b"/api/v1/orgs/a%2F..%2Fb%3Fc/actions/runners?")


def test_a_log_is_asked_for_by_its_end_and_cut_to_a_mebibyte(gitea, web):
    route = web.get(f"{API}/repos/acme/app/actions/jobs/1/logs").respond(content=b"\xff" + b"a" * 2**21)
    assert gitea.log("acme/app", "1", "1") == "a" * 2**20
    assert route.calls[0].request.headers["Range"] == "bytes=-1048576"


@pytest.mark.parametrize(
    ("status", "body", "error", "sentence"),
    [
        (401, {"message": "invalid"}, ForgeRefused, "token. Create a new one at https://git.example.org/user"),
        (403, {"message": "required=[read:organization], token scope=x"}, ForgeRefused, "the scope write:organization"),
        (403, {"message": "token scope is limited to public orgs"}, ForgeRefused, "only access public repositories"),
        (403, {"message": "Must be an organization owner"}, ForgeRefused, "its Owners team"),
        (403, {"message": "user should be the site admin"}, ForgeRefused, "not an administrator of this instance"),
        (403, {"message": "For reasons."}, ForgeRefused, "refuses this: For reasons."),
        (403, "<html>", ForgeRefused, "refuses this: 403"),
        (404, {"message": "not found"}, Gone, "does not have this: not found"),
        (422, {"message": "Invalid url"}, ForgeRefused, "refuses this: Invalid url"),
        (429, {}, Unreachable, "429"),
        (307, {}, Unreachable, "307"),
        (500, {"message": "internal"}, Unreachable, "internal"),
        (502, "<html>", Unreachable, "502"),
        (200, {"jobs": 1, "total_count": 0}, Unreachable, "not what Gitea writes"),
        (200, "<html>", Unreachable, "not what Gitea writes"),
    ],
)  # fmt: skip
def test_each_refusal_is_one_of_our_errors_with_a_sentence(gitea, web, status, body, error, sentence):
    web.get(f"{API}/orgs/acme/actions/jobs").respond(status, json=body)
    with pytest.raises(error) as caught:
        gitea.running_jobs()
    assert sentence in str(caught.value)
    assert "t0ken" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "body", "error", "sentence"),
    [
        (200, {"version": "16.0.0-dev-539+gitea-1.22.0"}, ForgeRefused, "is a Forgejo"),
        (200, "<html>", ForgeRefused, "There is no Gitea at https://git.example.org"),
        (404, "<html>", ForgeRefused, "There is no Gitea"),
        (401, "<html>", ForgeRefused, "There is no Gitea"),
        (401, {"message": "invalid token"}, ForgeRefused, "rejected the token"),
        (302, "", ForgeRefused, "redirects to https://other.example/"),
        (503, "<html>", Unreachable, "503"),
    ],
)
def test_an_address_that_is_no_gitea_gets_a_sentence(gitea, web, status, body, error, sentence):
    web.get(f"{API}/version").respond(status, json=body, headers={"Location": "https://other.example/"})
    with pytest.raises(error, match=sentence):
        gitea.check()


@pytest.mark.parametrize("version", ["1.24.7", "1.9.0", "v1.24.0+dev", "development", "0.99"])
def test_an_old_or_unknown_version_says_which_is_needed(gitea, web, version):
    web.get(f"{API}/version").respond(json={"version": version})
    checked = gitea.check()
    assert checked.version == version
    assert checked.problems == (VersionTooOld("gitea", version, "1.25"),)


@pytest.mark.parametrize("version", ["1.25.0", "1.25.4+12-gabcdef", "v1.26.0-rc1", "2.0.0"])
def test_from_1_25_on_all_versions_will_do(gitea, web, version):
    web.get(f"{API}/version").respond(json={"version": version})
    web.get(f"{API}/user").respond(json={"login": "keeper"})
    web.get(f"{API}/repos/acme/-").respond(404, json={})
    web.post(f"{API}/repos/acme/-/contents/probe").respond(403, json={})
    web.get(f"{API}/orgs/acme").respond(json={"id": 2})
    web.get(f"{API}/orgs/acme/actions/jobs").respond(json={"jobs": [], "total_count": 0})
    web.post(f"{API}/orgs/acme/actions/runners/registration-token").respond(json={"token": "r"})
    assert gitea.check().problems == ()


def test_switched_off_actions_are_one_problem(gitea, web):
    web.get(f"{API}/version").respond(json={"version": "1.25.4"})
    web.get(f"{API}/user").respond(json={"login": "keeper"})
    web.get(f"{API}/orgs/acme").respond(json={"id": 2})
    web.route().respond(404, json={"message": "not found"})
    assert gitea.check().problems == (ActionsOff("https://git.example.org"),)


@pytest.mark.parametrize("url", ["git.example.org", "https://a:b@git.example.org", "http://2130706433"])
def test_an_address_that_we_never_call_is_refused_at_once(url):
    with pytest.raises(ForgeRefused):
        Gitea(ForgeTarget(url, "acme", Secret("t0ken"), Policy()))


# Runners


@pytest.fixture
def registering(web):
    """A Gitea that registers; its Register route."""
    web.post(f"{API}/orgs/acme/actions/runners/registration-token").respond(json={"token": "reg-token"})
    runner = {"id": "12", "uuid": "u-1", "token": "r-token", "name": "vm-1", "ephemeral": True}
    return web.post(f"{URL}/api/actions/runner.v1.RunnerService/Register").respond(json={"runner": runner})


def test_a_runner_is_registered_for_one_job_with_exactly_its_labels(gitea, registering):
    registration = gitea.register("vm-1", ["Small-GPU", "x"])
    request = registering.calls[0].request
    assert json.loads(request.content) == {
        "name": "vm-1",
        "token": "reg-token",
        "version": "farmhand",
        "labels": ["Small-GPU", "x"],
        "ephemeral": True,
    }
    assert "Authorization" not in request.headers
    assert registration.runner_id == "12"


@pytest.mark.parametrize("engine", ["gitea", "practice"])
def test_an_order_is_the_engines_own_file(registering, engine):
    gitea = Gitea(ForgeTarget(URL + "/", "acme", Secret("t0ken"), Policy(), engine=engine))
    order = gitea.order(gitea.register("vm-1", ["a", "b"]).credential, ["a", "b"])
    assert (order.engine, order.environment) == (engine, {})
    assert json.loads(order.files[".runner"].reveal()) == {
        "id": 12,
        "uuid": "u-1",
        "name": "vm-1",
        "token": "r-token",
        "address": URL,
        "labels": ["a:host", "b:host"],
        "ephemeral": True,
    }


def test_the_registration_token_reaches_no_vm(gitea, registering):
    registration = gitea.register("vm-1", ["a"])
    order = gitea.order(registration.credential, ["a"])
    assert "reg-token" not in registration.credential.reveal() + order.files[".runner"].reveal()


def test_a_forge_that_makes_a_lasting_runner_instead_is_refused_and_it_goes(gitea, web, registering):
    lasting = {"id": "12", "uuid": "u-1", "token": "r-token"}
    registering.respond(json={"runner": lasting})
    removal = web.delete(f"{API}/orgs/acme/actions/runners/12").respond(204)
    with pytest.raises(ForgeRefused, match="one-job runner"):
        gitea.register("vm-1", ["a"])
    assert removal.called


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [
        (500, {"code": "unknown", "message": "runner registration token not found"}, "token not found"),
        (404, "<html>", "did not carry out Register: 404"),
        (200, {"runner": {"id": "x", "uuid": "u", "token": "t"}}, "not what Gitea writes"),
    ],
)
def test_a_registration_that_fails_may_be_tried_again(gitea, registering, status, body, sentence):
    registering.respond(status, json=body)
    with pytest.raises(Unreachable, match=sentence):
        gitea.register("vm-1", ["a"])


def test_a_pools_container_is_named_in_each_label(gitea):
    credential = Secret(
        '{"id": 1, "uuid": "u", "name": "n", "token": "t", "address": "a", "ephemeral": true}'
    )
    order = gitea.order(credential, ["small", "gpu"], image="node:22")
    assert json.loads(order.files[".runner"].reveal())["labels"] == [
        "small:docker://node:22",
        "gpu:docker://node:22",
    ]
    assert json.loads(gitea.order(credential, ["small"]).files[".runner"].reveal())["labels"] == [
        "small:host"
    ]
