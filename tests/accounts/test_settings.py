"""A team's settings: its name, its time zone, two factors, its owner and its end."""

import pytest
from allauth.mfa.models import Authenticator
from django.urls import reverse

from tests.builders import NOON, a_membership, a_team, a_user
from tests.people import client_of
from tfci.accounts import months, teams, tokens
from tfci.accounts.models import AuditEntry
from tfci.accounts.months import CalendarMonth

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    return a_team("Kestrel Labs")


def url(name, team, *rest):
    return reverse(name, args=[team.slug, *rest])


def give_factor(user, kind="totp"):
    Authenticator.objects.create(user=user, type=kind, data={})


class TestTheName:
    def test_it_can_be_changed(self, team):
        client_of("owner", team).post(
            url("team_rename", team), {"name": " Kestrel 北京 \U0001f469\u200d\U0001f680 "}
        )
        team.refresh_from_db()
        assert team.name == "Kestrel 北京 \U0001f469\u200d\U0001f680"

    @pytest.mark.parametrize(
        "name, says",
        [
            ("x.\n\nYour account is locked: http://evil.example", "Remove line breaks"),
            ("\x1b]0;evil\x07", "control characters"),
            ("\u202egpj.exe", "invisible characters"),
            ("x" * 61, "up to 60 characters"),
            (" ", "Enter a name"),
        ],
    )
    def test_it_is_one_line_that_shows_all_it_holds(self, team, name, says):
        answer = client_of("owner", team).post(url("team_rename", team), {"name": name}, follow=True)
        assert says in answer.text
        team.refresh_from_db()
        assert team.name == "Kestrel Labs"


class TestTheTimeZone:
    def test_it_can_be_changed_and_is_in_the_audit_log(self, team):
        client = client_of("admin", team)
        client.post(url("team_time_zone", team), {"time_zone": "Pacific/Auckland"})
        team.refresh_from_db()
        assert team.zone.key == "Pacific/Auckland"
        entry = AuditEntry.objects.get(action="team_changed")
        assert (entry.before, entry.after) == ({"time_zone": "UTC"}, {"time_zone": "Pacific/Auckland"})
        page = client.get(url("team_settings", team)).text
        assert '<option value="Pacific/Auckland" selected>' in page

    def test_one_that_is_not_there_changes_nothing(self, team):
        answer = client_of("owner", team).post(
            url("team_time_zone", team), {"time_zone": "Mars/Olympus"}, follow=True
        )
        assert "Choose a time zone from the list." in answer.text
        team.refresh_from_db()
        assert team.time_zone == "UTC"

    def test_a_new_team_has_its_owners(self):
        team = teams.begin("Night Shift", a_user(time_zone="Asia/Kolkata"), NOON)
        assert team.time_zone == months.zone(CalendarMonth(2026, 6), team.month_zones) == "Asia/Kolkata"

    def test_statements_use_another_one_from_the_next_month_on(self, team):
        teams.change_time_zone(team, "Europe/Berlin", a_user(), NOON)
        team.refresh_from_db()
        assert (team.time_zone, team.month_zones) == ("Europe/Berlin", {"2026-07": "Europe/Berlin"})


class TestBillingDetails:
    def test_they_are_kept_and_the_audit_log_has_no_address(self, team):
        client = client_of("admin", team)
        client.post(url("team_billing_details", team), {"details": "Kestrel Labs\r\nHigh Street 1"})
        team.refresh_from_db()
        assert team.billing_details.splitlines() == ["Kestrel Labs", "High Street 1"]
        assert "High Street 1" in client.get(url("team_settings", team)).text
        assert AuditEntry.objects.get(team=team).after == {"billing_details": "changed"}

    def test_more_than_statements_have_room_for_is_refused(self, team):
        answer = client_of("owner", team).post(
            url("team_billing_details", team), {"details": "x" * 501}, follow=True
        )
        assert "Shorten the billing details to 500 characters." in answer.text


class TestTwoFactors:
    def test_whoever_asks_for_them_has_them(self, team):
        answer = client_of("owner", team).post(url("team_two_factors", team), {"needed": "yes"}, follow=True)
        assert "Set up your own second factor first." in answer.text
        team.refresh_from_db()
        assert not team.needs_two_factors

    def test_a_team_asks_its_people_for_them(self, team):
        client = client_of("admin", team)
        give_factor(client.user)
        client.post(url("team_two_factors", team), {"needed": "yes"})
        assert client.get(url("team", team)).status_code == 200
        answer = client_of("member", team).get(url("team", team), follow=True)
        assert answer.redirect_chain[0][0] == reverse("mfa_index")
        assert "Kestrel Labs requires a second factor." in answer.text

    @pytest.mark.parametrize("kind, opens", [("totp", 200), ("webauthn", 200), ("recovery_codes", 302)])
    def test_an_app_or_a_passkey_opens_it(self, team, kind, opens):
        teams.need_two_factors(team, True, "ana@example.org", NOON)
        client = client_of("viewer", team)
        give_factor(client.user, kind)
        assert client.get(url("jobs", team)).status_code == opens

    def test_other_teams_and_ones_own_pages_stay_open(self, team):
        teams.need_two_factors(team, True, "ana@example.org", NOON)
        client = client_of("viewer", team)
        other = a_membership(user=client.user).team
        assert client.get(url("team", other)).status_code == 200
        assert client.get(reverse("profile")).status_code == 200

    def test_strangers_still_learn_nothing(self, team):
        teams.need_two_factors(team, True, "ana@example.org", NOON)
        assert client_of("stranger", team).get(url("team", team)).status_code == 404

    def test_tokens_go_on(self, team):
        teams.need_two_factors(team, True, "ana@example.org", NOON)
        _, secret = tokens.make(team, "ci", "read", None, NOON)
        answer = client_of("nobody", team).get(
            "/api/v1/jobs", headers={"Authorization": f"Bearer {secret.reveal()}"}
        )
        assert answer.status_code == 200

    def test_it_is_left_to_each_again(self, team):
        client = client_of("owner", team)
        give_factor(client.user)
        for needed in ("yes", "no"):
            client.post(url("team_two_factors", team), {"needed": needed})
        team.refresh_from_db()
        assert not team.needs_two_factors
        assert AuditEntry.objects.filter(what="team.change").count() == 2

    def test_managers_see_who_has_them(self, team):
        client = client_of("admin", team)
        give_factor(a_membership(team).user)
        assert client.get(url("team", team)).text.count("</svg>On</span>") == 1
        assert "1 of 2 members have a second factor." in client.get(url("team_settings", team)).text


class TestHandingOver:
    def test_the_owner_becomes_an_admin(self, team):
        client, heir = client_of("owner", team), a_membership(team)
        client.post(url("team_hand_over", team), {"person": heir.pk})
        heir.refresh_from_db()
        assert heir.role == "owner"
        assert client.user.memberships.get().role == "admin"

    def test_nobody_outside_the_team_can_be_chosen(self, team):
        client, outsider = client_of("owner", team), a_membership()
        a_membership(team)
        answer = client.post(url("team_hand_over", team), {"person": outsider.pk})
        assert "Select a valid choice" in answer.text
        assert client.user.memberships.get().role == "owner"

    def test_whoever_is_alone_is_told_to_invite(self, team):
        assert "You are the only member" in client_of("owner", team).get(url("team_hand_over", team)).text

    def test_it_is_both_or_neither(self, team):
        owner = a_membership(team, role="owner")
        with pytest.raises(teams.NotAllowed):
            teams.hand_over(owner, owner, NOON)
        owner.refresh_from_db()
        assert owner.role == "owner"


class TestDeleting:
    @pytest.mark.parametrize("typed", ["", "kestrel labs", "Kestrel"])
    def test_another_name_deletes_nothing(self, team, typed):
        answer = client_of("owner", team).post(url("team_delete", team), {"typed": typed})
        assert answer.status_code == 200
        team.refresh_from_db()
        assert team.closing_at is None

    def test_its_name_begins_it_and_every_page_says_so(self, team):
        client = client_of("owner", team)
        client.post(url("team_delete", team), {"typed": "Kestrel Labs"})
        team.refresh_from_db()
        assert team.closing_at
        assert "The deletion of Kestrel Labs started" in client.get(url("jobs", team)).text

    def test_meanwhile_nothing_new_begins(self, team):
        client = client_of("owner", team)
        teams.close(team, client.user, NOON)
        refused = client.post(url("pool_new", team), {})
        assert refused.status_code == 403
        assert "This team is being deleted, so nothing new can be created." in refused.text
        assert client.post(url("tokens", team), {}).status_code == 403
        assert client.get(url("team_delete", team)).url == url("team_settings", team)

    def test_meanwhile_a_script_may_read_but_not_change(self, team):
        _, secret = tokens.make(team, "ci", "write", None, NOON)
        teams.close(team, "ana@example.org", NOON)
        client, key = client_of("nobody", team), {"Authorization": f"Bearer {secret.reveal()}"}
        assert client.get("/api/v1/pools", headers=key).status_code == 200
        refused = client.post("/api/v1/pools", {}, "application/json", headers=key)
        assert refused.status_code == 403

    def test_an_owner_keeps_it_after_all(self, team):
        client = client_of("owner", team)
        teams.close(team, client.user, NOON)
        answer = client.post(url("team_keep", team), follow=True)
        assert "The deletion of Kestrel Labs is canceled." in answer.text
        assert client.get(url("pool_new", team)).status_code == 200

    def test_gone_it_is_a_page_that_is_not_there(self, team):
        client = client_of("owner", team)
        teams.close(team, client.user, NOON)
        teams.end(team, NOON)
        assert client.get(url("team", team)).status_code == 404
        assert "No teams yet" in client.get(reverse("home"), follow=True).text
