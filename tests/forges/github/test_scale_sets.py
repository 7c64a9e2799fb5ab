"""Scale sets at GitHub's counterpart: made, listened to, acknowledged, removed, and all that may be refused."""

import pytest

from tests.contracts.github_harness import GitHubEngine, GitHubForge
from tests.counterparts.github.scale_sets import HOUR
from tfci.core.secret import Secret
from tfci.forges.errors import ForgeRefused, Gone, SessionEnded, SessionTaken, Unreachable
from tfci.forges.github.client import GitHub
from tfci.forges.github.messages import Batch, message
from tfci.forges.ports.scale_sets import Message
from tfci.forges.target import ForgeTarget

SCOPES = ["organization_self_hosted_runners:write", "actions:read"]


@pytest.fixture(scope="module")
def github():
    made = GitHubForge(None)
    yield made
    made.stop()


@pytest.fixture
def place(github):
    """An organisation of its own for each test."""
    name = f"org-{github.world.number()}"
    github.world.account(name, owner="ann")
    github.world.repo(name, "app")
    return name


@pytest.fixture
def driver(github, place):
    return a_driver(github, place)


def a_driver(github, place, scopes=SCOPES, **how):
    token = github.world.personal_token("ann", scopes, place)
    target = ForgeTarget(github.url, place, Secret(token), github.policy)
    return GitHub(target, clock=github.world.clock.seconds, **how)


@pytest.fixture
def sets(driver):
    return driver.scale_sets()


def push(github, place, **jobs):
    wanted = jobs or {"build": {"runs-on": "small"}}
    return github.actions.push(f"{place}/app", wanted)


# The set


def test_a_set_is_made_once_with_its_one_label(github, place, sets):
    assert sets.make("fh-1-small", "small") == sets.make("fh-1-small", "small")
    (made,) = [one for one in github.world.scale_sets.values() if one.place == f"orgs/{place}"]
    assert (made.name, made.labels, made.group) == ("fh-1-small", ["small"], 1)


def test_a_set_whose_label_was_dropped_is_taken_back_and_says_why(github, place, sets, monkeypatch):
    monkeypatch.setattr(github.scale_sets, "drops", True)
    with pytest.raises(ForgeRefused, match=r"3\.18 to 3\.20 accepts labels"):
        sets.make("fh-1-small", "small")
    assert not [one for one in github.world.scale_sets.values() if one.place == f"orgs/{place}"]


def test_what_is_removed_may_be_removed_again(sets):
    made = sets.make("fh-1-small", "small")
    sets.remove(made)
    sets.remove(made)
    with pytest.raises(Gone):
        sets.open(made, "us")


def test_a_token_that_may_not_manage_runners_is_refused_with_what_it_lacks(github, place):
    sets = a_driver(github, place, ["actions:read"]).scale_sets()
    with pytest.raises(ForgeRefused, match="organization_self_hosted_runners:write"):
        sets.make("fh-1-small", "small")


def test_the_access_is_kept_until_shortly_before_its_end(github, sets):
    sets.make("fh-1-small", "small")
    known = sets.access
    assert "•" in repr(known) and not sets.ready()
    github.world.clock.move(HOUR - 200)
    assert sets.ready() and sets.access.ends > known.ends


def test_an_access_that_ended_before_its_time_is_made_anew(github, sets, monkeypatch):
    made = sets.make("fh-1-small", "small")
    monkeypatch.setattr(github.scale_sets, "_key", "another key, for it was started anew, of 32 bytes")
    assert sets.make("fh-1-small", "small") == made


# Its session


def test_a_second_listener_is_told_of_the_first(sets):
    made = sets.make("fh-1-small", "small")
    first = sets.open(made, "us")
    with pytest.raises(SessionTaken):
        sets.open(made, "them")
    sets.close(made, first)
    sets.close(made, first)
    assert sets.open(made, "them").session_id != first.session_id


def test_a_session_whose_token_has_ended_goes_on_with_a_new_one(github, place, sets):
    made = sets.make("fh-1-small", "small")
    session = sets.open(made, "us")
    sets.next_message(session, 0, 1)
    github.world.clock.move(HOUR + 1)
    for call in (lambda: sets.next_message(session, 0, 1), lambda: sets.done(session, 1)):
        with pytest.raises(SessionEnded):
            call()
    renewed = sets.renew(made, session)
    assert renewed.session_id == session.session_id and sets.next_message(renewed, 0, 1) is None


def test_a_session_that_is_gone_says_so(sets):
    made = sets.make("fh-1-small", "small")
    session = sets.open(made, "us")
    sets.close(made, session)
    with pytest.raises(Gone):
        sets.renew(made, session)


# Its messages


def test_nothing_to_tell_is_no_message(sets):
    assert sets.next_message(sets.open(sets.make("fh-1-small", "small"), "us"), 0, 3) is None


def test_a_message_names_the_run_and_comes_until_it_is_acknowledged(github, place, sets):
    session = sets.open(sets.make("fh-1-small", "small"), "us")
    sets.next_message(session, 0, 1)
    run = push(github, place)
    told = sets.next_message(session, 0, 1)
    assert told == Message(told.message_id, ((f"{place}/app", str(run.id)),), (), 1)
    assert sets.next_message(session, 0, 1) == told
    sets.done(session, told.message_id)
    sets.done(session, told.message_id)
    assert sets.next_message(session, 0, 1) is None
    (job,) = sets.jobs(*told.runs[0])
    assert (job.status, job.labels, job.repository) == ("queued", ("small",), f"{place}/app")


def test_no_more_jobs_are_assigned_than_there_is_room_for(github, place, sets):
    session = sets.open(sets.make("fh-1-small", "small"), "us")
    sets.next_message(session, 0, 1)
    push(github, place, one={"runs-on": "small"}, two={"runs-on": "small"})
    first = sets.next_message(session, 0, 1)
    assert first.assigned == 1
    sets.done(session, first.message_id)
    assert sets.next_message(session, first.message_id, 1) is None
    assert sets.next_message(session, first.message_id, 2).assigned == 2


def test_jobs_on_offer_are_acquired_whoever_was_told(github, place, sets, monkeypatch):
    monkeypatch.setattr(github.scale_sets, "asks", True)
    made = sets.make("fh-1-small", "small")
    session = sets.open(made, "us")
    sets.next_message(session, 0, 1)
    run = push(github, place)
    offers = sets.offers(made)
    assert offers.runs == ((f"{place}/app", str(run.id)),) and offers.offered
    assert sets.next_message(session, 0, 1).offered == offers.offered
    sets.acquire(made, session, offers.offered)
    assert run.current()[0].scale_set.id == int(made) and sets.offers(made).offered == ()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("not JSON", Message(7, whole=False)),
        ('[{"messageType": "JobAssigned"}]', Message(7, whole=False)),
        (
            '[{"messageType": "JobAssigned", "ownerName": "..", "repositoryName": "x", "workflowRunId": 1}]',
            Message(7, whole=False),
        ),
        ("", Message(7)),
    ],
)
def test_a_message_that_can_not_be_read_says_at_least_that_something_happened(body, said):
    assert message(Batch(7, "RunnerScaleSetJobMessages", body)) == said
    assert not message(Batch(7, "SomethingNew", "[]")).whole


# Its runners


def test_a_job_of_a_set_goes_to_a_runner_of_the_set_alone(github, place, driver):
    foreign = driver.register("vm-0", ["small"])
    made = driver.scale_sets().make("fh-1-small", "small")
    session = driver.scale_sets().open(made, "us")
    driver.scale_sets().next_message(session, 0, 1)
    run = push(github, place)
    assert not GitHubEngine(github, driver.order(foreign.credential, ["small"])).take()
    driver = a_driver(github, place, sets={"small": made}, access=driver.scale_sets().access)
    ours = driver.register("vm-1", ["Small"])
    assert GitHubEngine(github, driver.order(ours.credential, ["Small"])).take()
    (job,) = driver.scale_sets().jobs(f"{place}/app", str(run.id))
    assert (job.status, job.runner_id) == ("in_progress", ours.runner_id)
    with pytest.raises(Unreachable, match="still running"):
        driver.remove_runner(ours.runner_id)


def test_a_runner_that_an_earlier_try_left_is_found_and_makes_way(github, place, driver):
    made = driver.scale_sets().make("fh-1-small", "small")
    driver = a_driver(github, place, sets={"small": made})
    lost = driver.register("vm-1", ["small"])
    assert driver.find("vm-1").runner_id == lost.runner_id
    again = driver.register("vm-1", ["small"])
    assert [one.runner_id for one in driver.runners()] == [again.runner_id] != [lost.runner_id]
    driver.remove_runner(again.runner_id)
    driver.remove_runner(again.runner_id)
    assert driver.find("vm-1") is None


def test_other_labels_get_an_ordinary_runner(github, place, driver):
    made = driver.scale_sets().make("fh-1-small", "small")
    driver = a_driver(github, place, sets={"small": made})
    number = int(driver.register("vm-1", ["small", "tfgrid"]).runner_id)
    assert github.world.runners[number].scale_set is None


def test_a_set_that_was_removed_is_a_matter_of_waiting(github, place, driver):
    driver = a_driver(github, place, sets={"small": "999999"})
    with pytest.raises(Unreachable, match="Farmhand recreates it"):
        driver.register("vm-1", ["small"])
