"""Inviting people, and what an invitation opens."""

import re
from datetime import timedelta

import pytest
from django.core import mail, serializers
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tests.accounts.test_sign_up import PASSWORD, enter, mailed_code
from tests.builders import NOON, a_membership, a_team, a_user, an_invitation
from tests.people import client_of
from tfci.accounts import invitations, teams
from tfci.accounts.models import AuditEntry, Invitation, Membership, User

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


@pytest.fixture(autouse=True)
def forgotten_attempts():
    cache.clear()


@pytest.fixture
def owner():
    return a_membership(a_team("Kestrel Labs"), role="owner")


def confirmed(email="kofi@example.org"):
    """A person who has confirmed that address."""
    user = a_user(email)
    user.emailaddress_set.create(email=email, verified=True, primary=True)
    return user


class TestTheRoom:
    def test_the_link_stands_in_no_row(self, owner):
        _, secret = invitations.invite(owner.team, "kofi@example.org", "member", owner, NOON)
        kept = serializers.serialize("json", [*Invitation.objects.all(), *AuditEntry.objects.all()])
        assert secret.reveal() not in kept

    def test_who_accepts_has_the_role_once(self, owner):
        invitation, secret = invitations.invite(owner.team, "Kofi@Example.org", "viewer", owner, NOON)
        kofi = confirmed()
        invitations.accept(invitations.find(secret.reveal(), NOON), kofi, NOON)
        assert kofi.memberships.get().role == "viewer"
        assert invitations.find(secret.reveal(), NOON) is None
        with pytest.raises(teams.NotAllowed, match="no longer works"):
            invitations.accept(invitation, kofi, NOON)

    @pytest.mark.parametrize("later, opens", [(WEEK - timedelta(seconds=1), True), (WEEK, False)])
    def test_a_link_is_good_for_seven_days(self, owner, later, opens):
        _, secret = invitations.invite(owner.team, "", "member", owner, NOON)
        assert bool(invitations.find(secret.reveal(), NOON + later)) is opens

    def test_one_with_an_address_is_for_its_owner_alone(self, owner):
        invitation, _ = invitations.invite(owner.team, "kofi@example.org", "member", owner, NOON)
        with pytest.raises(teams.NotAllowed, match="for kofi@example.org"):
            invitations.accept(invitation, confirmed("eve@example.org"), NOON)
        assert not Membership.objects.filter(user__email="eve@example.org").exists()

    def test_an_address_that_was_not_confirmed_opens_nothing(self, owner):
        invitation, _ = invitations.invite(owner.team, "", "member", owner, NOON)
        with pytest.raises(teams.NotAllowed, match="confirmed address"):
            invitations.accept(invitation, a_user(), NOON)

    def test_one_without_an_address_is_for_whoever_has_it(self, owner):
        invitation, _ = invitations.invite(owner.team, "", "member", owner, NOON)
        assert invitations.accept(invitation, confirmed(), NOON).team == owner.team

    def test_a_person_of_the_team_uses_up_no_invitation(self, owner):
        invitation, secret = invitations.invite(owner.team, "", "member", owner, NOON)
        kofi = a_membership(owner.team, confirmed(), "admin").user
        with pytest.raises(teams.NotAllowed, match="already"):
            invitations.accept(invitation, kofi, NOON)
        assert invitations.find(secret.reveal(), NOON)
        assert kofi.memberships.get().role == "admin"

    def test_a_person_of_the_team_is_not_invited(self, owner):
        with pytest.raises(teams.NotAllowed, match="already"):
            invitations.invite(owner.team, owner.user.email.upper(), "member", owner, NOON)

    def test_inviting_an_address_again_ends_the_first_link(self, owner):
        _, first = invitations.invite(owner.team, "kofi@example.org", "member", owner, NOON)
        _, second = invitations.invite(owner.team, "kofi@example.org", "viewer", owner, NOON)
        assert invitations.find(first.reveal(), NOON) is None
        assert invitations.find(second.reveal(), NOON).role == "viewer"

    def test_a_renewed_invitation_has_another_link_for_seven_more_days(self, owner):
        invitation, first = invitations.invite(owner.team, "", "member", owner, NOON)
        second = invitations.renew(invitation, owner, NOON + WEEK)
        assert invitations.find(first.reveal(), NOON) is None
        assert invitations.find(second.reveal(), NOON + 2 * WEEK - timedelta(seconds=1))

    def test_a_revoked_one_is_neither_found_nor_renewed(self, owner):
        invitation, secret = invitations.invite(owner.team, "", "member", owner, NOON)
        assert invitations.revoke(invitation, owner.user, NOON)
        assert not invitations.revoke(invitation, owner.user, NOON)
        assert invitations.find(secret.reveal(), NOON) is None
        with pytest.raises(teams.NotAllowed):
            invitations.renew(invitation, owner, NOON)

    def test_an_admin_invites_no_owner(self, owner):
        admin = a_membership(owner.team, role="admin")
        with pytest.raises(teams.NotAllowed, match="Only owners"):
            invitations.invite(owner.team, "", "owner", admin, NOON)
        invitation, _ = invitations.invite(owner.team, "", "owner", owner, NOON)
        with pytest.raises(teams.NotAllowed, match="Only owners"):
            invitations.renew(invitation, admin, NOON)

    def test_a_team_that_is_being_deleted_takes_nobody_in(self, owner):
        _, secret = invitations.invite(owner.team, "", "member", owner, NOON)
        teams.close(owner.team, owner.user, NOON)
        assert invitations.find(secret.reveal(), NOON) is None

    def test_all_of_it_is_in_the_audit_log(self, owner):
        invitation, _ = invitations.invite(owner.team, "kofi@example.org", "member", owner, NOON)
        invitations.renew(invitation, owner, NOON)
        invitation.refresh_from_db()
        invitations.accept(invitation, confirmed(), NOON)
        whats = AuditEntry.objects.filter(team=owner.team).order_by("pk").values_list("what", flat=True)
        assert list(whats) == ["members.invite", "members.invite", "members.join"]


def invite(client, team, **fields):
    return client.post(reverse("invite", args=[team.slug]), {"role": "member", **fields})


def link_in(text):
    """The path of the invitation in an answer or a mail."""
    return re.search(r"http://[^/]+(/join/[\w-]+/)", text)[1]


class TestThePages:
    def test_a_link_is_shown_once_and_kept_by_no_cache(self, owner):
        answer = invite(client_of("admin", owner.team), owner.team)
        assert "no-store" in answer["Cache-Control"]
        assert Client().get(link_in(answer.text)).status_code == 200
        page = client_of("owner", owner.team).get(reverse("team", args=[owner.team.slug]))
        assert "Anyone with the link" in page.text
        assert "/join/" not in page.text

    def test_with_an_address_it_is_mailed(self, owner):
        answer = invite(client_of("owner", owner.team), owner.team, email="kofi@example.org")
        assert "Invitation sent to kofi@example.org" in answer.text
        assert mail.outbox[0].to == ["kofi@example.org"]
        assert mail.outbox[0].subject == "Owner invited you to Kestrel Labs"
        assert link_in(mail.outbox[0].body) == link_in(answer.text)

    def test_a_mail_server_that_fails_is_told_and_the_link_is_there(self, owner, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
        answer = invite(client_of("owner", owner.team), owner.team, email="kofi@example.org")
        assert "the mail could not be sent" in answer.text
        assert Client().get(link_in(answer.text)).status_code == 200

    def test_a_name_from_before_names_were_checked_writes_no_paragraph_of_its_own(self, owner):
        owner.team.name = "x.\n\nYour account is locked\x1b[2J"
        owner.team.save()
        invite(client_of("owner", owner.team), owner.team, email="kofi@example.org")
        assert "the team x. Your account is locked [2J as member." in mail.outbox[0].body
        assert mail.outbox[0].subject == "Owner invited you to x. Your account is locked [2J"

    def test_a_role_above_ones_own_is_not_offered(self, owner):
        answer = invite(client_of("admin", owner.team), owner.team, role="owner")
        assert "Select a valid choice" in answer.text
        assert not Invitation.objects.exists()

    def test_a_team_cannot_mail_the_world(self, owner):
        client = client_of("owner", owner.team)
        answers = [invite(client, owner.team, email=f"a{n}@example.org").status_code for n in range(21)]
        assert answers == [200] * 20 + [429]
        assert len(mail.outbox) == 20

    def test_it_is_sent_again_with_another_link(self, owner):
        invitation, old = an_invitation(owner.team, email="kofi@example.org")
        url = reverse("invitation_renew", args=[owner.team.slug, invitation.pk])
        answer = client_of("admin", owner.team).post(url)
        assert Client().get(link_in(answer.text)).status_code == 200
        assert Client().get(reverse("join", args=[old])).status_code == 404
        assert link_in(mail.outbox[0].body) == link_in(answer.text)

    def test_revoking_asks_first(self, owner):
        invitation, text = an_invitation(owner.team)
        client, url = (
            client_of("admin", owner.team),
            reverse("invitation_revoke", args=[owner.team.slug, invitation.pk]),
        )
        assert "Revoke the invitation by link" in client.get(url).text
        assert invitations.find(text, NOON)
        client.post(url)
        assert invitations.find(text, NOON) is None

    def test_a_colleague_joins_by_a_click(self, owner):
        _, text = an_invitation(owner.team, "member")
        client = Client()
        client.force_login(confirmed())
        assert "Join Kestrel Labs" in client.get(reverse("join", args=[text])).text
        answer = client.post(reverse("join", args=[text]), follow=True)
        assert "Welcome to Kestrel Labs. Your role is member." in answer.text

    def test_looking_at_an_invitation_accepts_nothing(self, owner):
        _, text = an_invitation(owner.team)
        client = Client()
        client.force_login(confirmed())
        client.get(reverse("join", args=[text]))
        assert owner.team.memberships.count() == 1

    def test_the_wrong_person_is_told_whose_it_is(self, owner):
        _, text = an_invitation(owner.team, email="kofi@example.org")
        client = Client()
        client.force_login(confirmed("eve@example.org"))
        page = client.get(reverse("join", args=[text])).text
        assert "This invitation is for kofi@example.org, but you are signed in as eve@example.org" in page
        assert "Join team" not in page
        client.post(reverse("join", args=[text]))
        assert owner.team.memberships.count() == 1

    def test_a_person_of_the_team_is_led_to_it(self, owner):
        _, text = an_invitation(owner.team)
        answer = client_of("viewer", owner.team).get(reverse("join", args=[text]), follow=True)
        assert "You are already a member of Kestrel Labs, as viewer." in answer.text

    @pytest.mark.parametrize("used", ["revoked_at", "accepted_at", "expires_at"])
    def test_used_links_look_like_those_that_never_were(self, owner, used):
        _, text = an_invitation(owner.team, **{used: NOON})
        dead, never = (Client().get(reverse("join", args=[one])).text for one in (text, "never-made"))
        assert dead == never

    def test_a_stranger_signs_up_and_comes_back_with_no_other_team(self, owner):
        _, text = an_invitation(owner.team, email="kofi@example.org")
        page, client = reverse("join", args=[text]), Client()
        door = re.search(r'href="(/accounts/signup/[^"]+)"', client.get(page).text)[1].replace("&amp;", "&")
        assert 'value="kofi@example.org"' in client.get(door).text
        form = {"email": "kofi@example.org", "password1": PASSWORD, "next": page}
        client.post(reverse("account_signup"), form)
        answer = enter(client, mailed_code())
        assert answer.redirect_chain[-1][0] == page
        client.post(page)
        assert User.objects.get(email="kofi@example.org").memberships.get().team == owner.team

    def test_signing_in_leads_back_to_the_invitation(self, owner):
        _, text = an_invitation(owner.team)
        page, client, kofi = reverse("join", args=[text]), Client(), confirmed()
        kofi.set_password(PASSWORD)
        kofi.save()
        form = {"login": kofi.email, "password": PASSWORD, "next": page}
        assert client.post(reverse("account_login"), form).url == page

    def test_who_signs_up_heading_elsewhere_gets_a_team_of_their_own(self):
        form = {"email": "kofi@example.org", "password1": PASSWORD, "next": "/join/never-made/"}
        Client().post(reverse("account_signup"), form)
        assert User.objects.get().memberships.get().role == "owner"
