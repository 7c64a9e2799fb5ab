"""What is GitHub's alone: published payloads, limits, the choice of repositories, logs elsewhere."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from tests.contracts.github_harness import GitHubEngine
from tests.counterparts.github import GitHub as Counterpart
from tfci.core.http_client import Policy
from tfci.core.secret import Secret
from tfci.forges.errors import ForgeRefused, Gone, Limited, Unreachable
from tfci.forges.facts import RunEvent, RunSeen, WebhookEvent
from tfci.forges.findings import CheckSubject, Finding, FindingCode, RunnerGroupFound
from tfci.forges.github import webhooks
from tfci.forges.github.client import GitHub, GitHubHooks
from tfci.forges.github.scopes import api
from tfci.forges.github.watch import RUN_DELAY
from tfci.forges.memory.process import ProcessMemory
from tfci.forges.problems import RunnerGroupMissing
from tfci.forges.target import ForgeTarget

PUBLISHED = json.loads((Path(__file__).parent / "fixtures/published.json").read_text())["deliveries"]
SCOPES = ["organization_self_hosted_runners:write", "actions:write", "organization_hooks:write"]


def read(event, body):
    headers = {"X-GitHub-Event": event}
    return GitHubHooks().read(headers, body if isinstance(body, bytes) else json.dumps(body).encode())


def published(event):
    return [one["body"] for one in PUBLISHED if one["event"] == event]


# Published payloads


def test_every_published_payload_is_read():
    assert len(PUBLISHED) == 27
    for one in PUBLISHED:
        assert read(one["event"], one["body"]).event == one["event"]


def test_every_published_job_is_read_to_the_right_facts():
    """Written down from the payloads by hand: number, status, conclusion, runner, labels, attempt."""
    seen = [read("workflow_job", body).jobs[0] for body in published("workflow_job")]
    facts = [
        (job.job_id, job.status, job.conclusion, job.runner_id, job.labels, job.forge_attempt) for job in seen
    ]
    hosted = ("ubuntu-latest",)
    assert facts == [
        ("2832853555", "in_progress", None, "1", ("gpu", "db-app", "dc-03"), 0),
        ("289782451", "completed", "failure", "5", hosted, 1),
        ("289782451", "completed", "success", "5", hosted, 1),
        ("289782451", "in_progress", None, "5", hosted, 1),
        ("14541957942", "in_progress", None, "6", hosted, 1),
        ("289782451", "queued", None, None, hosted, 1),  # it names a runner, which it can't have
        ("12877621891", "waiting", None, None, ("self-hosted", "k8s"), 1),  # told as queued, held by approval
        ("12877621891", "waiting", None, None, ("self-hosted", "k8s"), 1),
    ]
    assert seen[0].repository == "octo-org/example-workflow"
    assert seen[1].completed_at == datetime(2021, 8, 5, 10, 38, 16, tzinfo=UTC)
    assert (seen[5].started_at, seen[5].created_at) == (None, datetime(2021, 9, 13, 2, 21, 13, tzinfo=UTC))
    assert (seen[4].workflow, seen[4].sender) == ("Test", "renovate[bot]")


def test_a_run_that_was_asked_for_is_a_hint_of_jobs_to_come():
    stirred = [read("workflow_run", body).stirred for body in published("workflow_run")]
    assert stirred == [False, False, False, True, True]


def test_every_published_run_is_read_to_the_right_facts():
    """Written down from the payloads by hand."""
    title = "ci(action): update actions/setup-node digest to 8c91899"
    update = RunSeen("test.yml", title, "Codertocat", "repository_dispatch")
    manual = RunSeen("", "", "", "workflow_dispatch")
    told = [read("workflow_run", body) for body in published("workflow_run")]
    assert [heard.run for heard in told] == [
        RunEvent("1589141559", 1, True, manual),
        *2 * [RunEvent("289782451", 1, True, update)],
        *2 * [RunEvent("289782451", 1, False, update)],
    ]
    assert [heard.repository for heard in told] == ["Codertocat/Hello-World", *4 * ["octo-org/octo-repo"]]


@pytest.mark.parametrize("said", ["queued", "waiting", "requested", "pending"])
def test_a_job_is_demand_only_where_action_and_status_are_both_queued(said):
    body = published("workflow_job")[5]
    for action in ("queued", "waiting", "requested"):
        told = body | {"action": action, "workflow_job": body["workflow_job"] | {"status": said}}
        expected = "queued" if (action, said) == ("queued", "queued") else "waiting"
        assert read("workflow_job", told).jobs[0].status == expected


TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@given(event=st.sampled_from(["workflow_job", "workflow_run", "ping", "x"]), body=st.binary() | TREES)
def test_whatever_comes_is_read_or_refused(event, body):
    try:
        read(event, body if isinstance(body, bytes) else json.dumps(body).encode())
    except ForgeRefused as refused:
        assert str(refused)


def fields(*events):
    """(event, field) of all that a published delivery of each says."""
    return [(event, field) for event in events for field in sorted(published(event)[1][event])]


@given(which=st.sampled_from(fields("workflow_job", "workflow_run")), value=TREES)
def test_a_field_of_a_job_or_run_that_is_something_else_is_read_or_refused(which, value):
    event, field = which
    body = published(event)[1]
    try:
        read(event, body | {event: body[event] | {field: value}})
    except ForgeRefused as refused:
        assert "not what GitHub writes" in str(refused) or "which repository" in str(refused)


# Addresses


def test_github_com_has_its_api_at_a_host_of_its_own_and_a_server_in_a_folder():
    assert api("https://github.com/") == "https://api.github.com"
    assert api("https://git.example.org") == "https://git.example.org/api/v3"


@pytest.mark.parametrize("level", ["user", "instance"])
def test_github_has_runners_for_organisations_and_repositories_alone(level):
    with pytest.raises(ForgeRefused, match="organization or a single repository"):
        GitHub(ForgeTarget("https://github.com", "ann", Secret("t"), Policy(), level))


# With a GitHub


@pytest.fixture(scope="module")
def github():
    made = Counterpart()
    made.world.account("ann", "User")
    yield made
    made.stop()


@pytest.fixture
def acme(github, request):
    name = f"acme-{abs(hash(request.node.name))}"
    github.world.account(name, owner="ann")
    github.world.repo(name, "app")
    github.limits.points = 10**6
    return name


@pytest.fixture
def driver(github, acme):
    return driven(github, acme)


def driven(github, name, **how):
    token = Secret(github.world.personal_token("ann", SCOPES, name.partition("/")[0]))
    policy = Policy(allowed_origins=frozenset({github.url}))
    return GitHub(ForgeTarget(github.url, name, token, policy), clock=github.world.clock.seconds, **how)


def test_the_secondary_limit_is_obeyed_and_named(github, acme):
    driver = driven(github, acme)
    github.limits.points = 0
    with pytest.raises(Limited, match="secondary rate limit"):
        driver.runners()
    refused = github.limits.of("user ann").refused
    github.limits.points = 10**6
    with pytest.raises(Limited, match="asked for a pause in calls"):
        driver.register("vm-1", ["x"])
    assert github.limits.of("user ann").refused == refused  # it was not even asked
    github.world.clock.move(61)
    driver.register("vm-1", ["x"])


def test_the_end_of_an_hour_s_calls_is_limited_until_its_reset(github, acme):
    driver, account = driven(github, acme), github.limits.of("user ann")
    account.limit, account.used, account.reset = 5000, 5000, github.world.clock.seconds() + 300
    with pytest.raises(Limited, match="rate limit exceeded") as limited:
        driver.runners()
    assert abs(limited.value.until.timestamp() - account.reset) <= 1
    account.used = 0


def test_an_answer_that_is_as_it_was_costs_no_call(github, driver):
    driver.runners()
    used = github.limits.of("user ann").used
    assert driver.runners() == []
    assert github.limits.of("user ann").used == used


def test_what_a_run_is_called_is_not_asked_for_where_a_webhook_or_a_list_told_it(github, acme, driver):
    run = github.actions.push(f"{acme}/app", {"build": {"runs-on": "x"}}, title="Mend it")
    driver.waiting_jobs()
    asked = dict(github.calls)
    assert driver.run(f"{acme}/app", str(run.id)) == RunSeen("ci.yml", "Mend it", "ann", "push")
    assert github.calls == asked


def test_a_job_whose_webhook_is_late_is_found_by_one_call_for_its_run(github, acme):
    """One of two was told. Calls are short, so that nothing is asked in its turn."""
    clock, memory, account = github.world.clock, ProcessMemory(), github.limits.of("user ann")
    account.used, account.reset = 2000, clock.seconds() + 3600
    driver = driven(github, acme, memory=memory)
    run = github.actions.push(f"{acme}/app", {"a": {"runs-on": "x"}, "b": {"runs-on": "x"}})
    first, second = (driver.job(f"{acme}/app", str(run.id), str(job.id)) for job in run.jobs)
    webhooks.remember(memory, [(WebhookEvent("workflow_job", (first,), stirred=True), clock.now())])
    listed = github.calls.get("GET /repos/{owner}/{repo}/actions/runs")
    assert driver.waiting_jobs() == []
    clock.move(RUN_DELAY)
    assert driver.waiting_jobs() == [first, second]
    assert github.calls.get("GET /repos/{owner}/{repo}/actions/runs") == listed
    account.used = 0


def test_a_log_is_fetched_without_the_token_from_where_it_lies(github, acme, driver):
    github.actions.push(f"{acme}/app", {"build": {"runs-on": "x"}})
    [job] = driver.waiting_jobs()
    made = driver.register("vm-1", ["x"])
    engine = GitHubEngine(
        type("Forge", (), {"url": github.url, "policy": Policy(allowed_origins=frozenset({github.url}))}),
        driver.order(made.credential, ["x"]),
    )
    assert engine.take()
    engine.say("hello")
    with pytest.raises(Gone):
        driver.log(job.repository, job.run_id, job.job_id)
    engine.finish()
    assert "hello" in driver.log(job.repository, job.run_id, job.job_id)
    assert driver.find("vm-1") is None
    driver.remove_runner(made.runner_id)


def test_a_runner_that_has_a_job_is_not_removed_and_no_changing_call_is_spent_on_it(github, acme, driver):
    github.actions.push(f"{acme}/app", {"build": {"runs-on": "x"}})
    made = driver.register("vm-1", ["x"])
    runner = github.world.runners[int(made.runner_id)]
    assert github.actions.take(runner)
    deleted = github.calls.get("DELETE /orgs/{org}/actions/runners/{runner}", 0)
    with pytest.raises(Unreachable, match="still has one"):
        driver.remove_runner(made.runner_id)
    assert github.calls.get("DELETE /orgs/{org}/actions/runners/{runner}", 0) == deleted
    github.actions.finish(runner, "success")
    driver.remove_runner(made.runner_id)


def test_labels_are_exactly_the_job_s(github, driver):
    made = driver.register("vm-1", ["Small", "self-hosted"])
    assert github.world.runners[int(made.runner_id)].labels == ["Small", "self-hosted"]


def test_a_job_that_waits_for_approval_is_held_back(github, acme, driver):
    run = github.actions.push(f"{acme}/app", {"deploy": {"runs-on": "x", "environment": "production"}})
    assert [job.status for job in driver.waiting_jobs()] in ([], ["waiting"])
    github.actions.approve(run.jobs[0])
    assert [job.status for job in driver.waiting_jobs()] == ["queued"]


def test_a_rerun_is_another_job_of_the_next_attempt(github, acme, driver):
    run = github.actions.push(f"{acme}/app", {"build": {"runs-on": "x"}})
    made = driver.register("vm-1", ["x"])
    runner = github.world.runners[int(made.runner_id)]
    github.actions.take(runner)
    github.actions.finish(runner, "failure")
    first = run.jobs[0]
    driver.rerun(f"{acme}/app", str(run.id), str(first.id))
    [again] = driver.waiting_jobs()
    assert (again.run_id, again.forge_attempt) == (str(run.id), 2)
    assert again.job_id != str(first.id)


def test_a_run_that_is_not_over_runs_not_again_and_one_that_is_is_not_cancelled(github, acme, driver):
    run = github.actions.push(f"{acme}/app", {"build": {"runs-on": "x"}})
    where = f"{acme}/app", str(run.id)
    with pytest.raises(ForgeRefused, match="not done yet"):
        driver.rerun(*where, str(run.jobs[0].id))
    driver.cancel(*where)
    with pytest.raises(ForgeRefused, match="already done"):
        driver.cancel(*where)


def test_when_a_token_ends_is_known_from_a_check(github, acme):
    ends = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
    token = github.world.personal_token("ann", SCOPES, acme, expires_at=ends)
    policy = Policy(allowed_origins=frozenset({github.url}))
    driver = GitHub(ForgeTarget(github.url, acme, Secret(token), policy), clock=github.world.clock.seconds)
    assert driver.check().token_ends == ends


def test_public_repositories_that_are_not_served_are_said_and_no_fault(github, driver):
    found = next(one for one in driver.check().findings if one.subject == CheckSubject.PUBLIC_REPOSITORIES)
    assert found.reason.code == FindingCode.PUBLIC_NOT_SERVED and not found.is_problem


# Runner groups


def test_runners_go_into_the_group_that_the_link_names(github, acme):
    number = github.world.group(acme, "Public jobs", public=True)
    driver = driven(github, acme, group="public jobs", memory=ProcessMemory())
    made = driver.register("vm-1", ["x"])
    assert github.world.runners[int(made.runner_id)].group == number
    assert Finding(CheckSubject.RUNNER_GROUP, RunnerGroupFound("Public jobs")) in driver.check().findings
    asked = dict(github.calls)
    driver.register("vm-2", ["x"])
    assert {call for call in github.calls if github.calls[call] != asked[call]} == {
        "POST /orgs/{org}/actions/runners/generate-jitconfig"
    }


def test_a_group_that_takes_public_repositories_is_no_finding_and_gets_their_jobs(github, acme):
    github.world.group(acme, "open", public=True)
    github.world.repo(acme, "site", private=False)
    github.actions.push(f"{acme}/site", {"build": {"runs-on": "x"}})
    kept_out, let_in = driven(github, acme), driven(github, acme, group="open")
    assert CheckSubject.PUBLIC_REPOSITORIES in [one.subject for one in kept_out.check().findings]
    assert CheckSubject.PUBLIC_REPOSITORIES not in [one.subject for one in let_in.check().findings]
    for driver, takes in ((kept_out, False), (let_in, True)):
        runner = github.world.runners[int(driver.register(f"vm-{takes}", ["x"]).runner_id)]
        assert bool(github.actions.take(runner)) is takes


def test_a_group_that_is_not_there_is_refused_and_said(github, acme):
    driver = driven(github, acme, group="nobody's")
    assert RunnerGroupMissing(acme, "nobody's", github.url) in driver.check().problems
    with pytest.raises(ForgeRefused) as caught:
        driver.register("vm-1", ["x"])
    assert caught.value.reason == RunnerGroupMissing(acme, "nobody's", github.url)


def test_a_group_that_was_removed_is_looked_for_again(github, acme):
    number = github.world.group(acme, "own")
    driver = driven(github, acme, group="own", memory=ProcessMemory())
    driver.register("vm-1", ["x"])
    del github.world.accounts[acme].groups[number]
    with pytest.raises(ForgeRefused) as caught:
        driver.register("vm-2", ["x"])
    assert caught.value.reason == RunnerGroupMissing(acme, "own", github.url)
    number = github.world.group(acme, "own")
    made = driver.register("vm-3", ["x"])
    assert github.world.runners[int(made.runner_id)].group == number
