"""Rows by team, and the middleware that finds the team."""

import pytest
from django.db import IntegrityError

from tests.builders import NOON, a_membership, a_team, a_user
from tfci.accounts import tokens
from tfci.accounts.models import Token, User

pytestmark = pytest.mark.django_db


def test_rows_are_reached_by_their_team():
    ours, theirs = a_team(), a_team()
    mine, _ = tokens.make(ours, "ci", "read", None, NOON)
    tokens.make(theirs, "ci", "read", None, NOON)
    assert list(Token.objects.of(ours)) == [mine]


def test_a_person_has_one_role_in_a_team():
    membership = a_membership()
    with pytest.raises(IntegrityError):
        a_membership(membership.team, membership.user, "viewer")


def test_an_address_in_capitals_is_refused_by_the_database():
    with pytest.raises(IntegrityError):
        User.objects.create(email="Ana@example.org")


def test_an_account_is_found_whatever_the_case_of_its_address():
    ana = a_user("Ana@Example.org")
    assert User.objects.get_by_natural_key("ANA@example.org") == ana


@pytest.mark.parametrize(
    "email, name, called", [("ana+ci@example.org", "", "Ana"), ("ana@example.org", "Ana López", "Ana López")]
)
def test_what_a_person_is_called(email, name, called):
    assert a_user(email, name=name).called == called
