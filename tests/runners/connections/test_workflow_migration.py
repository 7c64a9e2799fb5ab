"""Workflows that move to a pool's labels: what would change, and the pull request with it."""

import pytest

from runners.connections import workflow_migration
from tests.builders import NOON, a_pool, a_user
from tests.worlds import a_world
from tfci.accounts.audit_actions import Action
from tfci.accounts.models import AuditEntry
from tfci.forges.errors import ForgeRefused
from tfci.forges.facts import FileSeen

pytestmark = pytest.mark.django_db

CI = """\
jobs:
  build:
    runs-on: ubuntu-latest # hosted
  here:
    runs-on: medium
  mac:
    runs-on: macos-14
"""


@pytest.fixture
def pool():
    return a_pool()


@pytest.fixture
def outside():
    world, forge, _, _ = a_world()
    forge.files = [
        FileSeen("w/ci.yml", CI, "s1"),
        FileSeen("w/bad.yml", "[", "s2"),
        FileSeen("w/none.yml", "on: x", "s3"),
    ]
    return world, forge


def look(pool, outside, **more):
    connection = pool.connections.get()
    return connection, workflow_migration.preview(
        connection, f"{connection.name}/app", ["small"], outside[1], **more
    )


def test_what_comes_here_already_stays_and_the_rest_is_told_file_by_file(pool, outside):
    _, (ci, bad, none) = look(pool, outside)
    assert [(job.job, job.now, job.why[:28]) for job in ci.jobs] == [
        ("build", "small", ""),
        ("here", "", "One of your pools already ta"),
        ("mac", "", "It asks for “macos-14”, but "),
    ]
    assert (ci.changes, bad.changes, none.changes) == (1, 0, 0)
    assert bad.problem.startswith("This is not YAML")
    assert none.problem == "This file has no jobs."


def test_a_page_gets_each_line_with_its_sign(pool, outside):
    _, (ci, *_) = look(pool, outside)
    assert ci.lines[:5] == [
        ("@", "@ -1,6 +1,6 @@"),
        (" ", "jobs:"),
        (" ", "  build:"),
        ("-", "    runs-on: ubuntu-latest # hosted"),
        ("+", "    runs-on: small # hosted"),
    ]


def test_a_pull_request_has_the_files_that_change_and_stands_in_the_audit_log(pool, outside):
    connection, moves = look(pool, outside)
    world, forge = outside
    where = workflow_migration.send(
        connection, "acme/app", ["small"], moves, world, a_user("ann@example.org"), NOON
    )
    assert where == "https://git.example.org/acme/app/pulls/1"
    text = CI.replace("ubuntu-latest", "small")
    assert forge.proposed == [("acme/app", "farmhand-move-20260601-120000", "w/ci.yml", text)]
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.on) == (Action.WORKFLOWS_MOVED, "acme/app")


def test_nothing_is_sent_where_nothing_would_change(pool, outside):
    outside[1].files = []
    connection, moves = look(pool, outside)
    with pytest.raises(ForgeRefused, match="Nothing would change"):
        workflow_migration.send(connection, "acme/app", ["small"], moves, outside[0], a_user(), NOON)


def test_what_was_seen_is_told_from_what_has_changed_since(pool, outside):
    _, before = look(pool, outside)
    outside[1].files[0] = FileSeen("w/ci.yml", CI + "  more:\n    runs-on: ubuntu-latest\n", "s9")
    _, after = look(pool, outside)
    assert workflow_migration.seal(before) != workflow_migration.seal(after)
    assert workflow_migration.seal(after) == workflow_migration.seal(look(pool, outside)[1])


def test_very_long_workflows_are_left_alone(pool, outside):
    outside[1].files = [
        FileSeen("w/a.yml", CI),
        FileSeen("w/long.yml", CI + "#" * workflow_migration.MAX_CHARACTERS),
        FileSeen("w/c.yml", CI),
    ]
    _, moves = look(pool, outside)
    assert [move.changes for move in moves] == [1, 0, 0]
    assert moves[1].problem == moves[2].problem == workflow_migration.TOO_MUCH
