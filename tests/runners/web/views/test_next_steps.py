"""What a team that has just begun may do next."""

import pytest

from runners.web.views.next_steps import Begun, find
from tests.builders import NOON, a_connection, a_team

pytestmark = pytest.mark.django_db


def verbs(team, role, begun):
    return [step.verb for step in find(team, role, begun)]


def test_each_thing_is_said_until_it_is_done():
    team = a_team()
    connection = a_connection(team)
    assert verbs(team, "owner", Begun([], [], 1)) == ["Connect forge", "Invite member", "View labels"]
    assert verbs(team, "owner", Begun([connection], [(1, False)], 1))[:2] == ["Show changes", "Edit pool"]
    assert verbs(team, "owner", Begun([connection], [(1, True)], 2)) == ["Show changes", "View labels"]


def test_nobody_is_asked_for_what_the_role_may_not_do():
    team = a_team()
    connection = a_connection(team)
    assert verbs(team, "member", Begun([connection], [(1, False)], 1)) == ["Edit pool", "View labels"]
    assert verbs(team, "viewer", Begun([], [], 1)) == ["View labels"]


def test_a_connection_that_ends_counts_as_none():
    team = a_team()
    ended = a_connection(team, disconnecting_at=NOON)
    assert verbs(team, "admin", Begun([ended], [(1, True)], 2)) == ["Connect forge", "View labels"]


def test_where_files_are_elsewhere_no_workflow_is_moved():
    team = a_team()
    woodpecker = a_connection(team, forge="woodpecker")
    assert verbs(team, "owner", Begun([woodpecker], [(1, True)], 2)) == ["View labels"]
