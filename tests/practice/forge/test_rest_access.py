"""Who may do what over REST: Gitea's scopes, roles and refusals, line by line of the facts."""

import pytest

from tests.practice.forge.harness import LINK, a_place, one_job

REGISTER = "/actions/runners/registration-token"


def said(reply):
    return reply.status, reply.json["message"]


def lacking(required, granted):
    return (
        403,
        "token does not have at least one of required scope(s),"
        f" required=[{required}], token scope={granted}",
    )


def test_a_call_without_a_token_is_401(place):
    assert said(place.forge.api("GET", "/user")) == (401, "token is required")


def test_a_wrong_token_is_401(place):
    reply = place.forge.api("GET", "/user", token="0" * 40)
    assert said(reply) == (401, "invalid username, password or token")


@pytest.mark.parametrize("kind", ["token", "Bearer"])
def test_a_token_comes_as_token_or_bearer(place, kind):
    headers = {"Authorization": f"{kind} {place.token}"}
    assert place.forge.call("GET", "/api/v1/user", headers=headers).json["login"] == place.owner


def test_the_three_scopes_of_a_link_are_enough_for_all_that_a_link_needs(place):
    org = f"/orgs/{place.org}"
    for path in ("/user", "/user/orgs", org, f"{org}/repos", f"{org}/hooks", place.repo):
        assert place.get(path).status == 200, path
    for path in ("jobs", "runs", "runners"):
        assert place.get(f"{org}/actions/{path}").status == 200, path
    assert place.forge.api("POST", f"{org}{REGISTER}", token=place.token).status == 200


@pytest.mark.parametrize(
    "method, path, required",
    [
        ("GET", "/user", "read:user"),
        ("GET", "/user/orgs", "read:user read:organization"),
        ("GET", "/orgs/{org}", "read:organization"),
        ("GET", "/orgs/{org}/repos", "read:organization"),
        ("GET", "/orgs/{org}/actions/jobs", "read:organization"),
        ("GET", "/orgs/{org}/actions/runs", "read:organization"),
        ("GET", "/orgs/{org}/actions/runners", "read:organization"),
        ("POST", "/orgs/{org}/actions/runners/registration-token", "write:organization"),
        ("DELETE", "/orgs/{org}/actions/runners/1", "write:organization"),
        ("GET", "/orgs/{org}/hooks", "read:organization"),
        ("POST", "/orgs/{org}/hooks", "write:organization"),
        ("GET", "/repos/{org}/app/actions/jobs/1", "read:repository"),
        ("GET", "/repos/{org}/app/actions/jobs/1/logs", "read:repository"),
        ("GET", "/repos/{org}/app/actions/runs/1", "read:repository"),
        ("GET", "/repos/{org}/app/actions/runs/1/jobs", "read:repository"),
        ("GET", "/repos/{org}/app/actions/runners", "read:repository"),
        ("POST", "/repos/{org}/app/actions/runners/registration-token", "write:repository"),
        ("POST", "/repos/{org}/app/hooks", "write:repository"),
        ("DELETE", "/repos/{org}/app/actions/runs/1", "write:repository"),
        ("GET", "/user/actions/runners", "read:user"),
        ("GET", "/admin/actions/runners", "read:admin"),
    ],
)
def test_each_call_names_the_scope_it_lacks(place, method, path, required):
    token = place.forge.token(place.owner, "read:misc")
    reply = place.forge.api(method, path.format(org=place.org), {} if method == "POST" else None, token)
    assert said(reply) == lacking(required, "read:misc")


def test_write_includes_read_but_no_other_scope_helps(place):
    org = f"/orgs/{place.org}"
    assert (
        place.forge.api("GET", org, token=place.forge.token(place.owner, "write:organization")).status == 200
    )
    reader = place.forge.token(place.owner, "read:organization")
    assert said(place.forge.api("POST", f"{org}{REGISTER}", token=reader)) == lacking(
        "write:organization", "read:organization"
    )


def test_a_site_admins_admin_scope_does_not_open_organizations(place):
    name = f"{place.org}-admin"
    place.forge.control("POST", "/users", {"name": name, "site_admin": True})
    token = place.forge.token(name, "write:admin")
    assert said(place.forge.api("GET", f"/orgs/{place.org}", token=token)) == lacking(
        "read:organization", "write:admin"
    )
    assert place.forge.api("GET", "/admin/actions/runners", token=token).status == 200


def test_a_member_who_is_no_owner_is_told_so(place):
    name = f"{place.org}-member"
    place.forge.control("POST", "/users", {"name": name})
    place.forge.control("POST", f"/orgs/{place.org}/members", {"user": name, "role": "admin"})
    token = place.forge.token(name, *LINK)
    assert place.forge.api("GET", f"/orgs/{place.org}", token=token).status == 200
    for path in ("/actions/jobs", "/actions/runs", "/actions/runners", "/hooks"):
        reply = place.forge.api("GET", f"/orgs/{place.org}{path}", token=token)
        assert said(reply) == (403, "Must be an organization owner")


def test_a_member_of_an_admin_team_counts_as_owner_of_its_repositories(place):
    name = f"{place.org}-admin-team"
    place.forge.control("POST", "/users", {"name": name})
    place.forge.control("POST", f"/orgs/{place.org}/members", {"user": name, "role": "admin"})
    token = place.forge.token(name, "write:repository")
    assert place.forge.api("POST", f"{place.repo}{REGISTER}", token=token).status == 200


def test_a_collaborator_with_admin_may_make_hooks_but_is_no_owner(place):
    name = f"{place.org}-friend"
    place.forge.control("POST", "/users", {"name": name})
    place.forge.control("POST", f"{place.repo}/collaborators", {"user": name, "role": "admin"})
    token = place.forge.token(name, "write:repository")
    refused = place.forge.api("POST", f"{place.repo}{REGISTER}", token=token)
    assert said(refused) == (403, "user should be the owner of the repo")
    assert place.forge.api("GET", f"{place.repo}/hooks", token=token).status == 200


def test_a_reader_may_not_write(place):
    name = f"{place.org}-reader"
    place.forge.control("POST", "/users", {"name": name})
    token = place.forge.token(name, "write:repository")
    reply = place.forge.api("POST", f"{place.repo}/contents/x", {"content": ""}, token)
    assert said(reply) == (403, "user should have a permission to write to a repo")


def test_a_private_organization_and_repository_are_404_to_strangers(place):
    owner, secret = place.owner, f"{place.org}-secret"
    place.forge.control("POST", "/orgs", {"name": secret, "owner": owner, "visibility": "private"})
    place.forge.control("POST", "/repos", {"owner": secret, "name": "app", "private": True})
    place.forge.control("POST", "/users", {"name": f"{secret}-stranger"})
    stranger = place.forge.token(f"{secret}-stranger", *LINK)
    for path in (f"/orgs/{secret}", f"/repos/{secret}/app"):
        assert place.forge.api("GET", path, token=stranger).status == 404
        assert place.get(path).status == 200


def test_what_is_not_there_is_404_with_giteas_body(place):
    """Compared with a running 1.25.4: three kinds of 404, and an unknown path."""
    url = f"{place.forge.url}/api/swagger"
    nobody = "user redirect does not exist [name: nobody]"
    for path, body in (
        ("/orgs/nobody", {"errors": [nobody], "message": "GetOrgByName", "url": url}),
        ("/users/nobody", {"message": nobody, "url": url}),
        (f"/repos/{place.org}/none", {"errors": None, "message": "not found", "url": url}),
    ):
        reply = place.get(path)
        assert (reply.status, reply.json) == (404, body)
    assert (place.get("/nowhere").status, place.get("/nowhere").raw) == (404, b"404 page not found\n")


def test_the_registration_token_is_always_the_same_and_40_long(place):
    path = f"/orgs/{place.org}{REGISTER}"
    told = {place.forge.api("POST", path, token=place.token).json["token"] for _ in range(2)}
    assert len(told) == 1
    assert len(told.pop()) == 40


def test_before_1_26_it_could_be_read_and_no_token_had_a_run_run_again(own_forge):
    place = a_place(own_forge, "old")
    path = f"/orgs/{place.org}{REGISTER}"
    (job,) = place.push(one_job())
    place.runner("small").run_one()
    assert own_forge.api("GET", path, token=place.token).status == 405
    own_forge.control("PATCH", "/settings", {"version": "1.25.4"})
    assert own_forge.api("GET", path, token=place.token).status == 200
    assert place.rerun(job["run_id"]).status == 404
    own_forge.control("PATCH", "/settings", {"version": "1.26.0"})
    assert place.rerun(job["run_id"]).status == 200


def test_there_is_no_delivery_list_and_no_push_to_other_addresses(place):
    assert place.get(f"/orgs/{place.org}/hooks/1/deliveries").status == 404
    assert place.forge.api("PUT", "/version").status == 405


class TestMaking:
    @pytest.fixture
    def push(self, place):
        return place.forge.token(place.owner, "write:organization", "write:repository", "read:user")

    def test_a_user_makes_an_organization_and_a_repository_in_it(self, place, push):
        made = place.forge.api("POST", "/orgs", {"username": f"{place.org}-2"}, push)
        assert (made.status, made.json["username"]) == (201, f"{place.org}-2")
        made = place.forge.api("POST", f"/orgs/{place.org}-2/repos", {"name": "app"}, push)
        assert (made.status, made.json["full_name"]) == (201, f"{place.org}-2/app")
        assert place.forge.api("GET", f"/orgs/{place.org}-2/actions/jobs", token=push).status == 200

    def test_a_name_in_use_is_refused(self, place, push):
        assert place.forge.api("POST", "/orgs", {"username": place.org}, push).status == 422
        assert place.forge.api("POST", f"/orgs/{place.org}/repos", {"name": "app"}, push).status == 409

    def test_a_link_token_makes_no_repository(self, place):
        made = place.forge.api("POST", f"/orgs/{place.org}/repos", {"name": "x"}, place.token)
        assert made.status == 403
