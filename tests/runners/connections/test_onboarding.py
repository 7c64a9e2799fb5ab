"""What a team's first job needs."""

import pytest

from runners.connections import onboarding
from runners.models import Pool
from runners.pools import changes
from tests.builders import NOON, a_connection, a_pool, a_team, a_user
from tests.worlds import a_world
from tfci.accounts.models import AuditEntry
from tfci.forges.errors import ForgeRefused

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "anchors, size, asked",
    [
        ([], "", ["tfgrid"]),
        ([], "medium", ["medium"]),
        (["ours"], "", ["ours"]),
        (["ours"], "medium", ["ours", "medium"]),
        (["a", "b"], "", ["a", "b"]),
    ],
)
def test_the_labels_reach_the_pool_with_that_size(anchors, size, asked):
    assert onboarding.labels(Pool(anchors=anchors), size) == asked


def test_without_a_pool_a_size_is_enough():
    assert onboarding.labels(None, "small") == ["small"]


def test_a_workflow_is_written_as_its_forge_reads_it():
    assert onboarding.syntax_for([a_connection(forge="gitea")]).folder == ".gitea/workflows"
    assert onboarding.syntax_for([]).asks(["small"]) == "runs-on: small"


def test_the_default_pool_takes_all_jobs_and_keeps_nothing_ready():
    team = a_team()
    connection = a_connection(team)
    pool, effects = onboarding.make_pool(team, [connection], a_user(), NOON)
    assert (pool.name, pool.nodes, pool.min_vms, list(pool.connections.all())) == (
        "default",
        {},
        {},
        [connection],
    )
    assert effects.pools == {pool.pk}


def test_a_second_default_pool_is_not_made():
    pool = a_pool(name="default")
    with pytest.raises(changes.PoolNameTaken):
        onboarding.make_pool(pool.team, list(pool.connections.all()), a_user(), NOON)


def test_a_test_job_goes_to_a_branch_of_its_own_and_into_the_audit_log():
    world, forge, _, _ = a_world()
    connection = a_connection(name="kestrel")
    where = onboarding.send_test_job(connection, "kestrel/app", ["ours", "small"], world, a_user(), NOON)
    [(repository, branch, path, text)] = forge.proposed
    assert (repository, branch, path) == (
        "kestrel/app",
        "farmhand-test-20260601-120000",
        ".gitea/workflows/farmhand-test.yml",
    )
    assert "    runs-on: [ours, small]\n" in text
    assert where.endswith(branch)
    assert AuditEntry.objects.get(team=connection.team).action == "test_job_sent"


def test_no_job_is_sent_to_a_repository_of_somebody_else():
    world, forge, _, _ = a_world()
    with pytest.raises(ForgeRefused, match="kestrel has no repository"):
        onboarding.send_test_job(
            a_connection(name="kestrel"), "tidepool/maps", ["small"], world, a_user(), NOON
        )
    assert forge.proposed == []
