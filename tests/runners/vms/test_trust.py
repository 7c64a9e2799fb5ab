"""Whose jobs may follow one another on a machine."""

from dataclasses import replace
from datetime import timedelta

import pytest

from runners.vms import trust

PAST = trust.Past(
    "encrypted",
    clean=True,
    reach="repository",
    event="push",
    cause="exited",
    jobs=1,
    age=timedelta(minutes=5),
)


@pytest.mark.parametrize("reuse", ["repository", "organisation"])
@pytest.mark.parametrize("protection", ["encrypted", "ram"])
def test_a_job_of_ones_own_that_ended_by_itself_may_be_followed(reuse, protection):
    assert trust.why_not(reuse, replace(PAST, protection=protection)) == ""


@pytest.mark.parametrize(
    "change, reason",
    [
        ({"protection": "none"}, "unreadable"),
        ({"clean": False}, "unreadable"),
        ({"reach": "instance"}, "jobs of another organisation"),
        ({"event": "pull_request"}, "came from pull_request"),
        ({"event": "pull_request_target"}, "came from pull_request_target"),
        ({"event": "issue_comment"}, "stranger"),
        ({"event": ""}, "has not said"),
        ({"cause": "killed"}, "did not end by itself"),
        ({"cause": ""}, "did not end by itself"),
        ({"jobs": trust.MOST_JOBS}, "20 jobs"),
        ({"age": trust.OLDEST}, "24 hours"),
    ],
)
def test_each_doubt_asks_for_a_new_machine(change, reason):
    assert reason in trust.why_not("organisation", replace(PAST, **change))


def test_a_repository_is_kept_to_itself_only_where_its_forge_does_that_too():
    wide = replace(PAST, reach="organisation")
    assert trust.why_not("organisation", wide) == ""
    assert "jobs of another repository" in trust.why_not("repository", wide)


@pytest.mark.parametrize("reuse", ["never", "", "everybody"])
def test_a_pool_that_does_not_ask_for_it_reuses_nothing(reuse):
    assert "new machine" in trust.why_not(reuse, PAST)


def test_a_machine_serves_the_repository_or_the_organisation_of_its_job():
    assert trust.scope("repository", 5, "acme/app") in trust.scopes(5, "acme/app")
    assert trust.scope("repository", 5, "acme/app") not in trust.scopes(5, "acme/web")
    assert trust.scope("organisation", 5, "acme/app") in trust.scopes(5, "acme/web")
    assert trust.scope("organisation", 5, "acme/app") not in trust.scopes(6, "acme/app")


def test_a_scope_tells_its_repository():
    assert trust.told(trust.scope("repository", 5, "acme/app")) == "acme/app"
    assert trust.told(trust.scope("organisation", 5, "acme/app")) == trust.told(trust.FRESH) == ""


def test_two_organisations_of_one_name_share_no_machine():
    """A Gitea and a GitHub may both have an acme/app."""
    assert trust.scope("repository", 5, "acme/app") not in trust.scopes(6, "acme/app")


@pytest.mark.parametrize(
    "reuse, fresh, repository, organisation",
    [("never", 1, 0, 0), ("repository", 1, 1, 0), ("organisation", 1, 1, 1)],
)
def test_a_pool_that_became_stricter_lets_wider_machines_go(reuse, fresh, repository, organisation):
    scopes = [
        trust.FRESH,
        trust.scope("repository", 5, "acme/app"),
        trust.scope("organisation", 5, "acme/app"),
    ]
    assert [trust.allows(reuse, scope) for scope in scopes] == [fresh, repository, organisation]
