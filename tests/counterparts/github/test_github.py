"""It refuses what GitHub refuses: a client that passes here has not passed for nothing."""

import time

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.counterparts.github import GitHub

KEY = rsa.generate_private_key(65537, 2048)
MANIFEST = {
    "name": "Farmhand",
    "url": "https://ci.example.org",
    "redirect_url": "https://ci.example.org/made",
    "hook_attributes": {"url": "https://ci.example.org/hooks/x"},
    "callback_urls": ["https://ci.example.org/back"],
    "default_permissions": {"organization_self_hosted_runners": "write", "metadata": "read"},
    "default_events": ["workflow_job"],
}


@pytest.fixture(scope="module")
def github():
    made = GitHub()
    made.world.account("ann", "User")
    made.world.account("acme", owner="ann")
    made.world.repo("acme", "app")
    yield made
    made.stop()


@pytest.fixture(scope="module")
def app(github):
    return github.world.app(MANIFEST, KEY)


def asked(github, method, path, token="", **how):
    headers = {"Authorization": f"Bearer {token}", **how.pop("headers", {})}
    return httpx.request(method, f"{github.url}/api/v3{path}", headers=headers, trust_env=False, **how)


def signed(app, key=KEY, algorithm="RS256", **claims):
    now = int(time.time())
    return jwt.encode({"iat": now - 60, "exp": now + 540, "iss": str(app.id), **claims}, key, algorithm)


def test_an_app_is_known_by_its_own_key(github, app):
    assert asked(github, "GET", "/app", signed(app)).json()["slug"] == "farmhand"


@pytest.mark.parametrize(
    ("claim", "seconds", "said"),
    [
        ("exp", -5, "must be a numeric value representing the future time"),
        ("exp", 3600, "too far in the future"),
        ("iat", 600, "'Issued at' claim"),
    ],
)
def test_a_word_of_the_wrong_time_is_refused(github, app, claim, seconds, said):
    answer = asked(github, "GET", "/app", signed(app, **{claim: int(time.time()) + seconds}))
    assert answer.status_code == 401 and said in answer.json()["message"]


def test_a_word_by_another_key_or_way_is_refused(github, app):
    another = rsa.generate_private_key(65537, 2048)
    assert asked(github, "GET", "/app", signed(app, another)).status_code == 401
    assert asked(github, "GET", "/app", signed(app, "s" * 32, "HS256")).status_code == 401
    assert asked(github, "GET", "/app", signed(app, iss="999")).status_code == 404


def test_a_token_does_what_it_is_for_and_no_more(github):
    token = github.world.personal_token("ann", ["organization_self_hosted_runners:read"], "acme")
    assert asked(github, "GET", "/orgs/acme/actions/runners", token).status_code == 200
    refused = asked(github, "POST", "/orgs/acme/actions/runners/registration-token", token)
    assert refused.status_code == 403
    assert refused.headers["X-Accepted-GitHub-Permissions"] == "organization_self_hosted_runners=write"
    assert asked(github, "GET", "/repos/acme/app/actions/runs", token).status_code == 403


def test_a_private_repository_is_not_found_by_who_may_not_see_it(github):
    github.world.account("bob", "User")
    token = github.world.personal_token("bob", ["actions:read"])
    assert asked(github, "GET", "/repos/acme/app/actions/runs", token).status_code == 404


def test_two_runners_of_one_name_are_one_too_many(github):
    token = github.world.personal_token("ann", ["organization_self_hosted_runners:write"], "acme")
    wanted = {"name": "vm-1", "runner_group_id": 1, "labels": ["x"]}
    path = "/orgs/acme/actions/runners/generate-jitconfig"
    assert asked(github, "POST", path, token, json=wanted).status_code == 201
    assert asked(github, "POST", path, token, json=wanted).status_code == 409
    assert asked(github, "POST", path, token, json=wanted | {"labels": []}).status_code == 422
    assert asked(github, "POST", path, token, json=wanted | {"runner_group_id": 9}).status_code == 404


def test_an_answer_that_did_not_change_is_304_and_not_counted(github):
    token = github.world.personal_token("ann", [], "acme")
    first = asked(github, "GET", "/orgs/acme", token)
    again = asked(github, "GET", "/orgs/acme", token, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    used = github.limits.of("user ann").used
    asked(github, "GET", "/orgs/acme", token, headers={"If-None-Match": first.headers["ETag"]})
    assert github.limits.of("user ann").used == used


def test_a_minute_has_its_points_and_a_refusal_its_time(github):
    github.world.account("cid", "User")
    token = github.world.personal_token("cid", [])
    github.limits.of("user cid").points.append((github.world.clock.seconds(), 900))
    refused = asked(github, "GET", "/user", token)
    assert (refused.status_code, refused.headers["Retry-After"]) == (403, "60")
    github.world.clock.move(61)
    assert asked(github, "GET", "/user", token).status_code == 200


def test_a_suspended_installation_gets_no_token_and_its_old_one_does_nothing(github, app):
    there = github.world.installation(app, "acme")
    words, _ = github.world.installation_token(there)
    there.suspended_at = github.world.clock.now()
    path = f"/app/installations/{there.id}/access_tokens"
    token = jwt.encode(
        {
            "iat": int(github.world.clock.seconds()),
            "exp": int(github.world.clock.seconds()) + 60,
            "iss": str(app.id),
        },
        KEY,
        "RS256",
    )
    assert "suspended" in asked(github, "POST", path, token).json()["message"]
    assert "suspended" in asked(github, "GET", "/orgs/acme/actions/runners", words).json()["message"]
    there.deleted = True


def test_a_code_is_good_once(github, app):
    code = github.code((app, "ann"), 600)
    form = {"client_id": app.client_id, "client_secret": app.client_secret, "code": code}
    where = f"{github.url}/login/oauth/access_token"
    assert "access_token" in httpx.post(where, json=form, trust_env=False).json()
    assert httpx.post(where, json=form, trust_env=False).json()["error"] == "bad_verification_code"
