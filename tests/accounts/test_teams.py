"""Teams and their people."""

import pytest

from tests.builders import NOON, a_membership, a_team, a_user
from tfci.accounts import invitations, teams, tokens
from tfci.accounts.models import AuditEntry, Token

pytestmark = pytest.mark.django_db


def test_a_founded_team_has_its_founder_as_owner():
    ana = a_user("ana@example.org")
    team = teams.begin("Ana's team", ana, NOON)
    assert (team.slug, team.created_at) == ("anas-team", NOON)
    assert team.memberships.get().role == "owner"


def test_two_teams_may_have_the_same_name():
    first, second = (teams.begin("Kestrel", a_user(), NOON) for _ in range(2))
    assert first.slug == "kestrel"
    assert second.slug.startswith("kestrel-")


@pytest.mark.parametrize("name", ["…", "北京", "-"])
def test_a_name_without_latin_letters_still_gets_an_address(name):
    assert teams.begin(name, a_user(), NOON).slug == "team"


def test_a_renamed_team_keeps_its_address():
    team = a_team("Kestrel")
    teams.rename(team, "Falcon", a_user(), NOON)
    team.refresh_from_db()
    assert (team.name, team.slug) == ("Falcon", "kestrel")


def test_an_admin_may_make_a_member_a_viewer():
    team = a_team()
    admin, member = a_membership(team, role="admin"), a_membership(team)
    teams.change_role(member, "viewer", admin, NOON)
    member.refresh_from_db()
    assert member.role == "viewer"


@pytest.mark.parametrize("before, after", [("owner", "viewer"), ("member", "owner")])
def test_an_admin_may_neither_unmake_nor_make_an_owner(before, after):
    team = a_team()
    a_membership(team, role="owner")
    admin, other = a_membership(team, role="admin"), a_membership(team, role=before)
    with pytest.raises(teams.NotAllowed, match="Only owners"):
        teams.change_role(other, after, admin, NOON)


def test_an_admin_may_not_remove_an_owner():
    team = a_team()
    owner, admin = a_membership(team, role="owner"), a_membership(team, role="admin")
    with pytest.raises(teams.NotAllowed, match="Only owners"):
        teams.remove(owner, admin, NOON)


def test_the_last_owner_stays():
    owner = a_membership(role="owner")
    with pytest.raises(teams.NotAllowed, match="needs an owner"):
        teams.change_role(owner, "admin", owner, NOON)
    with pytest.raises(teams.NotAllowed, match="needs an owner"):
        teams.remove(owner, owner, NOON)


def test_one_of_two_owners_may_go():
    team = a_team()
    first, second = a_membership(team, role="owner"), a_membership(team, role="owner")
    teams.remove(first, first, NOON)
    assert list(team.memberships.all()) == [second]


def test_every_change_of_people_is_in_the_audit_log():
    team = a_team()
    owner, member = a_membership(team, role="owner"), a_membership(team)
    teams.change_role(member, "admin", owner, NOON)
    teams.remove(member, owner, NOON)
    changed, removed = AuditEntry.objects.filter(team=team).order_by("pk")
    assert (changed.who, changed.on) == (owner.user.email, member.user.email)
    assert (changed.before, changed.after) == ({"role": "member"}, {"role": "admin"})
    assert (removed.before, removed.after) == ({"role": "admin"}, None)


def test_a_refused_change_leaves_no_entry():
    owner = a_membership(role="owner")
    with pytest.raises(teams.NotAllowed):
        teams.remove(owner, owner, NOON)
    assert not AuditEntry.objects.exists()


def test_a_person_owns_only_so_many_teams(settings):
    settings.TEAMS_PER_PERSON, ana = 2, a_user()
    first, _ = [teams.begin(name, ana, NOON) for name in ("One", "Two")]
    with pytest.raises(teams.NotAllowed, match="You own 2 teams, which is the limit"):
        teams.begin("Three", ana, NOON)
    first.closed_at = NOON
    first.save()
    assert teams.begin("Three", ana, NOON)


@pytest.mark.parametrize("revoke, left", [(True, 0), (False, 1)])
def test_who_is_removed_leaves_no_way_back_and_no_token_unless_the_team_keeps_it(revoke, left):
    team = a_team()
    owner, admin = a_membership(team, role="owner"), a_membership(team, role="admin")
    tokens.make(team, "theirs", "write", admin.user, NOON)
    tokens.make(team, "ours", "write", owner.user, NOON)
    _, link = invitations.invite(team, "", "member", admin, NOON)
    teams.remove(admin, owner, NOON, revoke_tokens=revoke)
    assert Token.objects.filter(name="theirs", revoked_at=None).count() == left
    assert Token.objects.filter(name="ours", revoked_at=None).exists()
    assert invitations.find(link.reveal(), NOON) is None
