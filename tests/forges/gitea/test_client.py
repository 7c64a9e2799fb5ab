"""Gitea's bytes, as a real 1.25.4 sent them, in our words; and those that nobody should send."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import respx
from httpx import Response
from hypothesis import given, strategies as st

from tfci.core.http_client import Policy
from tfci.core.secret import Secret
from tfci.forges import registry
from tfci.forges.errors import ForgeRefused, Gone, Unreachable
from tfci.forges.facts import Heard, JobSeen, StepSeen
from tfci.forges.gitea.api import PAGES
from tfci.forges.gitea.client import Gitea, GiteaHooks

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
    return Gitea(URL, "acme", Secret("t0ken"), Policy())


@pytest.fixture
def web():
    with respx.mock as web:
        yield web


# Webhooks


@pytest.mark.parametrize("name", sorted(path.stem for path in (RECORDED / "hooks").iterdir()))
def test_a_recorded_delivery_is_authentic_and_readable(name):
    headers, body = delivery(name)
    assert HOOKS.authentic(headers, body, SECRET)
    assert not HOOKS.authentic(headers, body.replace(b"acme", b"evil"), SECRET)
    assert len(HOOKS.delivery_id(headers)) == 36
    assert HOOKS.read(headers, body).event == headers["X-Gitea-Event"]


def test_a_finished_job_is_read_whole():
    (job,) = HOOKS.read(*delivery("job-succeeded")).jobs
    assert job == JobSeen(
        job_id="1",
        run_id="1",
        repository="acme/app",
        name="build0",
        labels=("small",),
        status="completed",
        conclusion="success",
        forge_attempt=1,
        runner_id="1",
        runner_name="real-0ebcff",
        branch="main",
        sha="8f27a2eb26850122dd64f2325a2a6f368d43e9c6",
        url="http://127.0.0.1:49803/acme/app/actions/runs/1/jobs/0",
        sender="keeper",
        created_at=at(8, 22, 25),
        started_at=at(8, 22, 29),
        completed_at=at(8, 22, 30),
        steps=(StepSeen("echo hello; sleep 1", at(8, 22, 29), at(8, 22, 30)),),
    )


@pytest.mark.parametrize(
    "version, acts",
    [
        ("1.25.4", set()),
        ("1.26.0+rc0", {"rerun"}),
        ("1.27.2", {"rerun"}),
        ("1.28.0", {"rerun", "cancel"}),
        ("main", set()),
    ],
)
def test_what_it_does_for_a_token_is_a_matter_of_its_version(version, acts):
    assert registry.KINDS["gitea"].actions(version) == acts


def test_no_more_steps_are_kept_than_anybody_reads():
    assert len(told("job-succeeded", steps=[{"name": "x"}] * 500).steps) == 100


def test_what_is_unset_is_none():
    (job,) = HOOKS.read(*delivery("job-queued")).jobs
    assert job.status == "queued"
    assert (job.conclusion, job.runner_id, job.runner_name, job.started_at, job.completed_at) == (None,) * 5
    assert job.forge_attempt == 0


@pytest.mark.parametrize(
    ("name", "status", "conclusion", "attempt"),
    [
        ("job-in-progress", "in_progress", None, 1),
        ("job-failed", "completed", "failure", 1),
        ("job-cancelled-while-queued", "completed", "cancelled", 0),
        ("job-queued-again", "queued", None, 1),  # a rerun carries the old attempt
    ],
)
def test_each_step_of_a_job_has_its_word(name, status, conclusion, attempt):
    (job,) = HOOKS.read(*delivery(name)).jobs
    assert (job.status, job.conclusion, job.forge_attempt) == (status, conclusion, attempt)


def test_a_push_stirs_and_names_no_job():
    assert HOOKS.read(*delivery("push")) == Heard("push", stirred=True)


def test_news_of_a_job_stirs_too():
    assert HOOKS.read(*delivery("job-succeeded")).stirred


def test_other_events_are_heard_and_ignored():
    assert HOOKS.read(*delivery("run-requested")) == Heard("workflow_run")
    assert HOOKS.read({"X-Gitea-Event": "issues"}, b"not even JSON") == Heard("issues")


def test_header_names_may_be_written_in_any_case():
    headers, body = delivery("job-queued")
    headers = {name.lower(): value for name, value in headers.items()}
    assert HOOKS.authentic(headers, body, SECRET)
    assert HOOKS.delivery_id(headers)
    assert HOOKS.read(headers, body).jobs


def test_a_delivery_without_an_id_has_an_empty_one():
    assert HOOKS.delivery_id({}) == ""


@pytest.mark.parametrize("signature", ["", " ", "ä", "\ud800", "sha256=", "0" * 64])
def test_a_wrong_signature_is_no_error(signature):
    headers, body = delivery("job-queued")
    assert not HOOKS.authentic(headers | {"X-Gitea-Signature": signature}, body, SECRET)


def test_without_a_secret_nothing_is_authentic():
    headers, body = delivery("job-queued")
    unsigned = (
        "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"  # HMAC of nothing with nothing
    )
    assert not HOOKS.authentic(headers, body, Secret(""))
    assert not HOOKS.authentic({"X-Gitea-Signature": unsigned}, b"", Secret(""))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 200_000,
        b'{"a":' * 200_000,
        b"{}",
        b'{"workflow_job": {}}',
    ],
)
@pytest.mark.parametrize("event", ["workflow_job", "push"])
def test_a_malformed_body_is_refused(event, body):
    with pytest.raises(ForgeRefused, match="not what Gitea writes"):
        HOOKS.read({"X-Gitea-Event": event}, body)


@pytest.mark.parametrize("headers", [{}, {"X-Gitea-Event": ""}])
def test_a_delivery_without_an_event_is_refused(headers):
    with pytest.raises(ForgeRefused, match="which event"):
        HOOKS.read(headers, b"{}")


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "1"},
        {"id": -1},
        {"id": 2**63},
        {"id": None},
        {"status": "unknown"},
        {"status": ""},
        {"labels": "small"},
        {"labels": [1]},
        {"run_attempt": 2**31},
        {"created_at": "yesterday"},
        {"created_at": "2026-11-24T08:22:25"},
        {"created_at": 1795508547},
    ],
)
def test_a_job_that_is_none_is_refused(changes):
    with pytest.raises(ForgeRefused):
        told("job-queued", **changes)


@pytest.mark.parametrize(
    "name", ["", "acme", "acme/app/x", "acme/..", "./app", "acme/a b", "acme/\0", "a" * 299 + "/b"]
)
def test_a_job_of_no_proper_repository_is_refused(name):
    headers, body = delivery("job-queued")
    payload = json.loads(body)
    payload["repository"]["full_name"] = name
    payload["workflow_job"]["url"] = "x"
    with pytest.raises(ForgeRefused, match="which repository"):
        HOOKS.read(headers, json.dumps(payload).encode())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
EVENTS = st.sampled_from(["workflow_job", "push", "workflow_run", ""]) | st.text(max_size=20)


def reads_or_refuses(headers, body):
    try:
        heard = HOOKS.read(headers, body)
    except ForgeRefused:
        return
    for job in heard.jobs:
        shown = (job.name, job.repository, job.branch, job.sha, job.url, job.sender, *job.labels)
        assert not any("\0" in text for text in shown)
        assert all(moment is None or moment.tzinfo is UTC for moment in (job.created_at, job.completed_at))
        assert job.url == "" or job.url.startswith(("http://", "https://"))


@given(EVENTS, st.binary())
def test_any_bytes_are_read_or_refused(event, body):
    reads_or_refuses({"X-Gitea-Event": event}, body)


@given(st.sampled_from(["job-succeeded", "job-queued", "push"]), st.data())
def test_any_change_to_a_real_delivery_is_read_or_refused(name, data):
    headers, body = delivery(name)
    payload = json.loads(body)
    within = payload
    for _ in range(data.draw(st.integers(0, 2))):
        inner = [value for value in within.values() if isinstance(value, dict) and value]
        within = data.draw(st.sampled_from(inner)) if inner else within
    within[data.draw(st.sampled_from(sorted(within)))] = data.draw(JSON)
    reads_or_refuses(headers, json.dumps(payload).encode())


# What a stranger may write into his workflow


def test_texts_are_cut_to_what_a_row_has_room_for():
    job = told("job-queued", name="n" * 5000, head_branch="b" * 5000, labels=["l" * 5000])
    assert (len(job.name), len(job.branch), len(job.labels[0])) == (300, 300, 300)
    assert len(told("job-queued", runner_id=1, runner_name="r" * 5000).runner_name) == 200


def test_a_name_never_holds_what_a_database_refuses():
    assert told("job-queued", name="a\0b", labels=["c\0d"]).labels == ("cd",)


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "/x", "", "https://" + "x" * 600]
)
def test_only_a_web_address_becomes_a_link(link):
    assert told("job-queued", html_url=link).url == ""


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("2026-11-24T09:22:25+01:00", at(8, 22, 25)),
        ("1970-01-01T00:00:00Z", None),
        ("1970-01-01T01:00:00+01:00", None),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+02:00", None),
        ("9999-12-31T23:59:59-05:00", None),
        (None, None),
    ],
)
def test_times_are_utc_and_none_where_gitea_has_none(written, read):
    assert told("job-queued", created_at=written).created_at == read


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
        Gitea(URL, "a/../b?c", Secret("t"), Policy()).runners()
    assert route.calls[0].request.url.raw_path.startswith(b"/api/v1/orgs/a%2F..%2Fb%3Fc/actions/runners?")


def test_a_log_is_asked_for_by_its_end_and_cut_to_a_mebibyte(gitea, web):
    route = web.get(f"{API}/repos/acme/app/actions/jobs/1/logs").respond(content=b"\xff" + b"a" * 2**21)
    assert gitea.log("acme/app", "1", "1") == "a" * 2**20
    assert route.calls[0].request.headers["Range"] == "bytes=-1048576"


@pytest.mark.parametrize(
    ("status", "body", "error", "sentence"),
    [
        (401, {"message": "invalid"}, ForgeRefused, "token. Make a new one at https://git.example.org/user"),
        (403, {"message": "required=[read:organization], token scope=x"}, ForgeRefused, "the scope write:organization"),
        (403, {"message": "token scope is limited to public orgs"}, ForgeRefused, "only what is public"),
        (403, {"message": "Must be an organization owner"}, ForgeRefused, "team Owners"),
        (403, {"message": "user should be the site admin"}, ForgeRefused, "does not administer this instance"),
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
        (401, {"message": "invalid token"}, ForgeRefused, "does not know this token"),
        (302, "", ForgeRefused, "leads on to https://other.example/"),
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
    assert "1.25 or newer" in checked.missing[0]


@pytest.mark.parametrize("version", ["1.25.0", "1.25.4+12-gabcdef", "v1.26.0-rc1", "2.0.0"])
def test_from_1_25_on_all_versions_will_do(gitea, web, version):
    web.get(f"{API}/version").respond(json={"version": version})
    web.get(f"{API}/user").respond(json={"login": "keeper"})
    web.get(f"{API}/repos/acme/-").respond(404, json={})
    web.post(f"{API}/repos/acme/-/contents/probe").respond(403, json={})
    web.get(f"{API}/orgs/acme").respond(json={"id": 2})
    web.get(f"{API}/orgs/acme/actions/jobs").respond(json={"jobs": [], "total_count": 0})
    web.post(f"{API}/orgs/acme/actions/runners/registration-token").respond(json={"token": "r"})
    assert gitea.check().missing == ()


def test_switched_off_actions_are_one_sentence(gitea, web):
    web.get(f"{API}/version").respond(json={"version": "1.25.4"})
    web.get(f"{API}/user").respond(json={"login": "keeper"})
    web.get(f"{API}/orgs/acme").respond(json={"id": 2})
    web.route().respond(404, json={"message": "not found"})
    assert gitea.check().missing == (
        "Actions are switched off at https://git.example.org: its administrator can switch them on.",
    )


@pytest.mark.parametrize("url", ["git.example.org", "https://a:b@git.example.org", "http://2130706433"])
def test_an_address_that_we_never_call_is_refused_at_once(url):
    with pytest.raises(ForgeRefused):
        Gitea(url, "acme", Secret("t0ken"), Policy())


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
    gitea = Gitea(URL + "/", "acme", Secret("t0ken"), Policy(), engine=engine)
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


def test_the_registration_token_reaches_no_machine(gitea, registering):
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
