"""Teams that are being deleted."""

from datetime import timedelta

import pytest

from billing import ledger
from runners import team_deletion
from runners.models import VM, Pool
from tests.builders import NOON, a_connection, a_membership, a_pool, a_team, a_vm, a_wallet
from tfci.accounts import invitations, teams, tokens
from tfci.accounts.models import AuditEntry, Team
from tfci.forges.models import Connection

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=5)


@pytest.fixture
def team():
    """One that its owner has just deleted."""
    team = a_team("Kestrel")
    owner = a_membership(team, role="owner")
    teams.close(team, owner.user, NOON)
    return team


def drain(team):
    """What the sweep does with what the turn has closed, when the grid and the forge have answered."""
    Pool.objects.of(team).update(closed_at=LATER)
    Connection.objects.of(team).update(disconnected_at=LATER)
    VM.objects.filter(team=team).update(state="gone")


def test_a_team_that_nobody_deleted_is_left_alone():
    a_team()
    assert team_deletion.due() == []


def test_its_pools_close_and_its_organisations_unlink(team):
    pool = a_pool(team)
    effects = team_deletion.step(team, LATER)
    pool.refresh_from_db()
    assert (pool.closing_at, effects.pools) == (LATER, {pool.pk})
    assert Connection.objects.get().disconnecting_at == LATER
    assert AuditEntry.objects.filter(team=team, who="Farmhand").count() == 2


def test_it_stays_while_anything_of_it_is_there(team):
    a_vm("busy", a_pool(team))
    team_deletion.step(team, LATER)
    assert team_deletion.due() == [team]
    assert team.memberships.exists()


def test_another_turn_changes_nothing(team):
    a_pool(team)
    team_deletion.step(team, LATER)
    entries = AuditEntry.objects.count()
    team_deletion.step(team, LATER + timedelta(minutes=1))
    assert AuditEntry.objects.count() == entries


def test_drained_it_is_gone_for_its_people_tokens_and_guests(team):
    a_pool(team)
    owner = team.memberships.get()
    _, token = tokens.make(team, "ci", "read", owner.user, NOON)
    _, link = invitations.invite(team, "", "viewer", owner, NOON)
    team_deletion.step(team, LATER)
    drain(team)
    team_deletion.step(team, LATER)
    assert Team.objects.get().closed_at == LATER
    assert not owner.user.memberships.exists()
    assert tokens.find(token.reveal(), LATER) is None
    assert invitations.find(link.reveal(), LATER) is None
    assert team_deletion.due() == []


def test_what_it_paid_and_did_stays_written_down(team):
    wallet = a_wallet(team)
    team_deletion.step(team, LATER)
    assert ledger.entries(team).count() == 1
    assert ledger.balance(wallet.pk)
    assert AuditEntry.objects.filter(team=team, what="team.close").count() == 2


def test_one_that_was_kept_lives_on_without_what_was_drained(team):
    pool = a_pool(team)
    team_deletion.step(team, LATER)
    assert teams.cancel_deletion(team, "ana@example.org", LATER)
    drain(team)
    assert not teams.end(team, LATER)
    assert team_deletion.due() == []
    pool.refresh_from_db()
    assert pool.closed_at


def test_it_is_too_late_to_keep_one_that_has_ended(team):
    team_deletion.step(team, LATER)
    assert not teams.cancel_deletion(team, "ana@example.org", LATER)


def test_an_organisation_of_another_team_stays(team):
    other = a_connection()
    team_deletion.step(team, LATER)
    other.refresh_from_db()
    assert other.alive
