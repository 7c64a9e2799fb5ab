"""The table of who may do what."""

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory

from tfci.accounts import access
from tfci.accounts.models import Role, Scope


def request_as(role):
    request = RequestFactory().get("/")
    request.role = role
    return request


@pytest.mark.parametrize(
    "what, allowed",
    [
        ("jobs.read", {"owner", "admin", "member", "viewer", "read", "write"}),
        ("spend.read", {"owner", "admin", "member", "viewer", "read", "write"}),
        ("pools.change", {"owner", "admin", "member", "write"}),
        ("vms.retire", {"owner", "admin", "member", "write"}),
        ("connections.change", {"owner", "admin", "write"}),
        ("members.change", {"owner", "admin"}),
        ("tokens.make", {"owner", "admin"}),
        ("audit.read", {"owner", "admin"}),
    ],
)
def test_who_may(what, allowed):
    assert {role for role in [*Role.values, *Scope.values] if access.may(role, what)} == allowed


@pytest.mark.parametrize("what", access.MAY)
def test_each_role_may_all_that_the_next_lower_one_may(what):
    rights = [access.may(role, what) for role in access.RANKS]
    assert rights == sorted(rights)


@pytest.mark.parametrize("what", access.MAY)
def test_a_stranger_may_nothing(what):
    assert not access.may(None, what)


def test_no_token_can_make_tokens_or_change_people():
    for scope in Scope.values:
        assert not access.may(scope, "tokens.make")
        assert not access.may(scope, "members.change")


def test_a_misspelt_right_fails_when_the_view_is_written():
    with pytest.raises(KeyError):
        access.requires("pools.chnage")


def test_a_decorated_view_runs_for_who_may():
    view = access.requires("pools.change")(lambda request, pool: f"pool {pool}")
    assert view(request_as("member"), pool=3) == "pool 3"


@pytest.mark.parametrize(
    "role, sentence",
    [
        ("viewer", "Your role in this team is viewer; this requires member or higher."),
        ("read", "A read token can't do this."),
        (None, "You are not a member of this team."),
    ],
)
def test_a_refusal_says_who_may(role, sentence):
    view = access.requires("pools.change")(lambda request: "changed")
    with pytest.raises(PermissionDenied, match=sentence):
        view(request_as(role))


async def answer_later(request):
    return "read"


def test_an_async_view_stays_async():
    view = access.requires("jobs.read")(answer_later)
    assert async_to_sync(view)(request_as("viewer")) == "read"
    with pytest.raises(PermissionDenied):
        view(request_as(None))


def test_only_owners_give_the_role_owner():
    assert "owner" in access.roles_given_by("owner")
    assert "owner" not in access.roles_given_by("admin")
