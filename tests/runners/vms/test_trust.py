"""Whose jobs may follow one another on a VM."""

from dataclasses import replace
from datetime import timedelta

import pytest

from runners.reasons import reuse
from runners.vms import trust

PAST = trust.History(
    "encrypted",
    clean=True,
    reach="repository",
    event="push",
    cause="exited",
    jobs=1,
    age=timedelta(minutes=5),
)


@pytest.mark.parametrize("how", ["repository", "organisation"])
@pytest.mark.parametrize("protection", ["encrypted", "ram"])
def test_a_job_of_ones_own_that_ended_by_itself_may_be_followed(how, protection):
    assert trust.refusal_reason(how, replace(PAST, protection=protection)) is None


@pytest.mark.parametrize(
    "change, reason",
    [
        ({"protection": "none"}, reuse.NotErased()),
        ({"clean": False}, reuse.NotErased()),
        ({"reach": "instance"}, reuse.ReachTooWide("organisation")),
        ({"event": "pull_request"}, reuse.UntrustedEvent("pull_request")),
        ({"event": "pull_request_target"}, reuse.UntrustedEvent("pull_request_target")),
        ({"event": "issue_comment"}, reuse.UntrustedEvent("issue_comment")),
        ({"event": ""}, reuse.UntrustedEvent("")),
        ({"cause": "killed"}, reuse.EngineKilled()),
        ({"cause": ""}, reuse.EngineKilled()),
        ({"jobs": trust.MAX_JOBS}, reuse.ManyJobs(20)),
        ({"age": trust.MAX_AGE}, reuse.OldVm(24)),
    ],
)
def test_each_doubt_asks_for_a_new_vm(change, reason):
    assert trust.refusal_reason("organisation", replace(PAST, **change)) == reason


def test_a_repository_is_kept_to_itself_only_where_its_forge_does_that_too():
    wide = replace(PAST, reach="organisation")
    assert trust.refusal_reason("organisation", wide) is None
    assert trust.refusal_reason("repository", wide) == reuse.ReachTooWide("repository")


@pytest.mark.parametrize("how", ["never", "", "everybody"])
def test_a_pool_that_does_not_ask_for_it_reuses_nothing(how):
    assert trust.refusal_reason(how, PAST) == reuse.NewVmEachJob()


def test_a_vm_serves_the_repository_or_the_organisation_of_its_job():
    assert trust.scope("repository", 5, "acme/app") in trust.scopes(5, "acme/app")
    assert trust.scope("repository", 5, "acme/app") not in trust.scopes(5, "acme/web")
    assert trust.scope("organisation", 5, "acme/app") in trust.scopes(5, "acme/web")
    assert trust.scope("organisation", 5, "acme/app") not in trust.scopes(6, "acme/app")


def test_a_scope_tells_its_repository():
    assert trust.repository_of(trust.scope("repository", 5, "acme/app")) == "acme/app"
    assert (
        trust.repository_of(trust.scope("organisation", 5, "acme/app"))
        == trust.repository_of(trust.FRESH)
        == ""
    )


def test_two_organisations_of_one_name_share_no_vm():
    """A Gitea and a GitHub may both have an acme/app."""
    assert trust.scope("repository", 5, "acme/app") not in trust.scopes(6, "acme/app")


@pytest.mark.parametrize(
    "reuse, fresh, repository, organisation",
    [("never", 1, 0, 0), ("repository", 1, 1, 0), ("organisation", 1, 1, 1)],
)
def test_a_pool_that_became_stricter_lets_wider_vms_go(reuse, fresh, repository, organisation):
    scopes = [
        trust.FRESH,
        trust.scope("repository", 5, "acme/app"),
        trust.scope("organisation", 5, "acme/app"),
    ]
    assert [trust.allows(reuse, scope) for scope in scopes] == [fresh, repository, organisation]
