"""The pages of teams and people: what they say and do."""

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.builders import NOON, a_membership, a_team
from tests.people import client_of
from tfci.accounts import tokens
from tfci.accounts.models import Token

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return a_team("Kestrel Labs")


def test_a_team_that_does_not_exist_looks_like_one_of_others(team):
    client = client_of("stranger", team)
    theirs = client.get(reverse("team", args=[team.slug])).content
    nobodys = client.get(reverse("team", args=["no-such-team"])).content
    assert theirs.replace(b"kestrel-labs", b"") == nobodys.replace(b"no-such-team", b"")


def test_a_viewer_may_leave(team):
    client = client_of("viewer", team)
    own = team.memberships.get(user=client.user)
    answer = client.post(reverse("member_remove", args=[team.slug, own.pk]))
    assert answer.url == reverse("home")
    assert not team.memberships.exists()


def test_the_last_owner_is_told_why_they_cannot_leave(team):
    client = client_of("owner", team)
    own = team.memberships.get(user=client.user)
    answer = client.post(reverse("member_remove", args=[team.slug, own.pk]), follow=True)
    assert "A team needs an owner" in answer.text
    assert team.memberships.filter(pk=own.pk).exists()


def test_a_role_that_does_not_exist_is_refused_with_a_sentence(team):
    member = a_membership(team)
    url = reverse("member_role", args=[team.slug, member.pk])
    answer = client_of("owner", team).post(url, {"role": "emperor"}, follow=True)
    assert "Choose one of the roles" in answer.text


def test_home_leads_to_the_team_last_looked_at(team):
    client = client_of("member", team)
    other = a_membership(a_team("Aardvark"), client.user).team
    client.get(reverse("team", args=[team.slug]))
    assert client.get(reverse("home")).url.startswith(f"/t/{team.slug}/")
    client.get(reverse("team", args=[other.slug]))
    assert client.get(reverse("home")).url.startswith(f"/t/{other.slug}/")


def test_home_of_a_person_without_a_team_offers_to_found_one(team):
    answer = client_of("stranger", team).get(reverse("home"), follow=True)
    assert "No teams yet" in answer.text


def test_a_new_team_belongs_to_who_founded_it(team):
    client = client_of("stranger", team)
    client.post(reverse("teams"), {"name": "Night Shift"})
    assert client.user.memberships.get().role == "owner"
    assert client.user.memberships.get().team.slug == "night-shift"


def test_a_profile_keeps_name_and_time_zone(team):
    client = client_of("member", team)
    client.post(reverse("profile"), {"name": "Ines Marchetti", "time_zone": "Europe/Rome"})
    client.user.refresh_from_db()
    assert (client.user.name, client.user.time_zone) == ("Ines Marchetti", "Europe/Rome")


def test_times_are_shown_in_the_readers_zone(team):
    client = client_of("admin", team)
    client.user.time_zone = "Asia/Tokyo"
    client.user.save()
    tokens.make(team, "ci", "read", client.user, NOON)
    assert "1 Jun 2026, 21:00:00" in client.get(reverse("audit", args=[team.slug])).text


def test_a_page_allows_no_inline_script_or_style(team):
    answer = client_of("owner", team).get(reverse("team", args=[team.slug]))
    assert "unsafe-inline" not in answer["Content-Security-Policy"]
    assert "style=" not in answer.text


def test_the_navigation_shows_only_what_exists_and_may_be_seen(team):
    audit = reverse("audit", args=[team.slug])
    url = reverse("team", args=[team.slug])
    assert audit in client_of("admin", team).get(url).text
    assert audit not in client_of("viewer", team).get(url).text


def test_removing_who_made_tokens_asks_what_becomes_of_them(team):
    client, made = client_of("owner", team), a_membership(team, role="admin")
    tokens.make(team, "ci", "read", made.user, timezone.now())
    page = reverse("member_remove", args=[team.slug, made.pk])
    assert "Revoke the API token that they created" in client.get(page).text
    client.post(page, {"tokens": "keep"})
    assert Token.objects.get().revoked_at is None


def test_removing_revokes_the_tokens_where_nothing_else_is_said(team):
    client, made = client_of("owner", team), a_membership(team, role="admin")
    tokens.make(team, "ci", "read", made.user, timezone.now())
    client.post(reverse("member_remove", args=[team.slug, made.pk]))
    assert Token.objects.get().revoked_at is not None


def test_one_team_more_than_one_may_own_is_refused_with_the_reason(team, settings):
    settings.TEAMS_PER_PERSON = 1
    client, teams = client_of("owner", team), reverse("teams")
    for _ in range(2):
        answer = client.post(teams, {"name": "Another"})
    assert "which is the limit" in answer.text
