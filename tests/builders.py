"""Rows for tests: each builder fills in what the test does not say."""

import itertools
from datetime import UTC, datetime

from tfci.accounts.models import Membership, Role, Team, User

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)

number = itertools.count(1)


def a_user(email=None, **fields):
    fields.setdefault("joined_at", NOON)
    return User.objects.create_user(email or f"user{next(number)}@example.org", **fields)


def a_team(name=None, **fields):
    name = name or f"Team {next(number)}"
    fields.setdefault("slug", name.lower().replace(" ", "-"))
    return Team.objects.create(name=name, **{"created_at": NOON, **fields})


def a_membership(team=None, user=None, role=Role.MEMBER, **fields):
    fields.setdefault("joined_at", NOON)
    return Membership.objects.create(team=team or a_team(), user=user or a_user(), role=role, **fields)
