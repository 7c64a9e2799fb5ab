"""From a stranger to the owner of a team, with the code that comes by mail."""

import re

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from billing import ledger
from tests.builders import NOON, a_user
from tfci.accounts import adapter
from tfci.accounts.models import Team, User
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery"
TOO_MANY = "Too many wrong passwords were entered for this email address. Choose “Forgot your password?”"


@pytest.fixture(autouse=True)
def forgotten_attempts():
    """Sign-in is throttled through the shared cache."""
    cache.clear()


def sign_up(client, email="Ana.Lopez@Example.org"):
    return client.post(reverse("account_signup"), {"email": email, "password1": PASSWORD}, follow=True)


def mailed_code():
    return re.search(r"^ {4}(\S+)$", mail.outbox[-1].body, re.MULTILINE)[1]


def enter(client, code):
    return client.post(reverse("account_email_verification_sent"), {"code": code}, follow=True)


def test_a_new_account_lands_in_a_team_of_its_own(client):
    assert "Confirm your email address" in sign_up(client).text
    answer = enter(client, mailed_code())
    user = User.objects.get()
    assert user.email == "ana.lopez@example.org"
    membership = user.memberships.get()
    assert (membership.team.name, membership.role) == ("Ana.lopez's team", "owner")
    assert answer.redirect_chain[-1][0].startswith(f"/t/{membership.team.slug}/")


@pytest.mark.parametrize("length", [53, 54, 64])
def test_the_first_team_of_a_long_address_has_a_name_that_fits(client, length):
    answer = sign_up(client, f"{'a' * length}@example.org")
    assert answer.status_code == 200
    team = User.objects.get().memberships.get().team
    assert team.name == f"A{'a' * 52}'s team"


def test_the_first_team_of_a_long_name_at_a_code_host_has_a_name_that_fits():
    user = a_user("ana@example.org", name="Ana " * 25)
    adapter.first_team(user, "")
    assert len(user.memberships.get().team.name) == 60


def test_nothing_is_seen_before_the_code(client):
    sign_up(client)
    team = User.objects.get().memberships.get().team
    assert client.get(reverse("team", args=[team.slug])).status_code == 302


def test_a_wrong_code_is_refused_and_the_right_one_still_works(client):
    sign_up(client)
    assert "Incorrect code" in enter(client, "ABC-DEF").text
    assert enter(client, mailed_code()).redirect_chain


def test_another_code_can_be_asked_for_and_takes_the_place_of_the_first(client):
    assert "Resend code" in sign_up(client).text
    first = mailed_code()
    cache.clear()  # minutes later
    client.post(reverse("account_email_verification_sent"), {"action": "resend"})
    assert "Incorrect code" in enter(client, first).text
    assert enter(client, mailed_code()).redirect_chain


@pytest.mark.parametrize("server, said", [("", True), ("smtp.example.org", False)])
def test_where_no_mail_server_is_set_the_page_says_where_the_code_is(client, settings, server, said):
    settings.EMAIL_HOST = server
    assert ("The code is printed in the console" in sign_up(client).text) is said


def test_the_code_stands_in_the_mail_but_not_in_its_subject(client):
    sign_up(client)
    assert mail.outbox[-1].subject == "Your code"
    assert mail.outbox[-1].to == ["ana.lopez@example.org"]


def test_a_second_account_with_the_same_address_learns_nothing(client):
    sign_up(client)
    enter(client, mailed_code())
    cache.clear()  # minutes later
    answer = sign_up(Client(), "ana.lopez@example.org")
    assert "Confirm your email address" in answer.text
    assert "This account already exists" in mail.outbox[-1].body
    assert User.objects.count() == 1


def test_a_weak_password_is_refused_with_the_reason(client):
    answer = client.post(reverse("account_signup"), {"email": "ana@example.org", "password1": "1234"})
    assert "too short" in answer.text
    assert not User.objects.exists()


def test_a_person_signs_in_and_out(client):
    sign_up(client)
    enter(client, mailed_code())
    client.post(reverse("account_logout"))
    assert client.get(reverse("profile")).status_code == 302
    answer = client.post(reverse("account_login"), {"login": "ana.lopez@example.org", "password": PASSWORD})
    assert answer.url == reverse("home")
    assert client.get(reverse("profile")).status_code == 200


def test_a_wrong_password_is_refused_and_soon_throttled(client):
    sign_up(client)
    enter(client, mailed_code())
    client.post(reverse("account_logout"))
    wrong = {"login": "ana.lopez@example.org", "password": "not it"}
    answers = [client.post(reverse("account_login"), wrong).text for _ in range(6)]
    assert "not correct" in answers[0]
    assert "Too many failed login attempts" in answers[-1]


def test_asking_for_too_many_mails_is_refused_with_a_page(client):
    sign_up(client)
    enter(client, mailed_code())
    answer = sign_up(Client(), "ana.lopez@example.org")
    assert answer.status_code == 429
    assert "Wait a few minutes" in answer.text


def test_a_forgotten_password_is_replaced_by_code(client):
    sign_up(client)
    enter(client, mailed_code())
    client.post(reverse("account_logout"))
    client.post(reverse("account_reset_password"), {"email": "ana.lopez@example.org"})
    client.post(reverse("account_confirm_password_reset_code"), {"code": mailed_code()})
    new = {"password1": "staple battery horse", "password2": "staple battery horse"}
    client.post(reverse("account_complete_password_reset"), new)
    login = {"login": "ana.lopez@example.org", "password": "staple battery horse"}
    assert client.post(reverse("account_login"), login).url == reverse("home")


@pytest.mark.parametrize("page", ["account_login", "account_signup", "account_reset_password"])
def test_the_ways_in_are_open_to_strangers(client, page):
    answer = client.get(reverse(page))
    assert answer.status_code == 200
    assert "Powered by" in answer.text


def test_the_grant_comes_with_the_confirmed_address_and_not_before(client, settings):
    settings.GRANT = "25"
    sign_up(client)
    team = User.objects.get().memberships.get().team
    assert ledger.balances([team.pk])[team.pk] == 0
    enter(client, mailed_code())
    assert ledger.balances([team.pk])[team.pk] == Tft.parse("25")


def test_where_there_is_no_grant_the_teams_pages_say_that_the_operator_was_asked(client, settings):
    settings.GRANT = "0"
    sign_up(client)
    answer = enter(client, mailed_code())
    assert "This team has no TFT, so no VM starts. The operator was asked" in " ".join(answer.text.split())


class TestNetworks:
    @pytest.fixture(autouse=True)
    def three_a_day(self, settings):
        settings.ACCOUNT_RATE_LIMITS = {"signup": None, "sign_up_range": "3/d/key"}

    def sign_up_from(self, address, number):
        form = {"email": f"user{number}@example.org", "password1": PASSWORD}
        return Client().post(reverse("account_signup"), form, HTTP_X_FORWARDED_FOR=address).status_code

    @pytest.mark.parametrize("range_", ["192.0.2.{}", "2001:db8:7:{}::1"])
    def test_only_so_many_accounts_a_day_come_from_one_network(self, range_):
        for number in range(5):
            self.sign_up_from(range_.format(number + 1), number)
        assert User.objects.count() == 3
        self.sign_up_from("198.51.100.1", 9)
        assert User.objects.count() == 4

    def test_who_is_refused_reads_why_and_what_to_do(self, client):
        for number in range(3):
            self.sign_up_from("127.0.0.1", number)
        assert "Too many accounts were created from your network today" in sign_up(client).text


class TestLockout:
    @pytest.fixture(autouse=True)
    def an_account(self, client):
        sign_up(client)
        enter(client, mailed_code())
        client.post(reverse("account_logout"))
        cache.clear()

    def sign_in(self, password, address):
        form = {"login": "ana.lopez@example.org", "password": password}
        return Client().post(reverse("account_login"), form, HTTP_X_FORWARDED_FOR=address)

    def test_wrong_passwords_from_one_address_do_not_refuse_the_owner_at_another(self):
        answers = [self.sign_in("not it", "198.51.100.7") for _ in range(6)]
        assert "Too many failed login attempts" in answers[-1].text
        assert "Too many failed" in self.sign_in(PASSWORD, "198.51.100.7").text
        assert self.sign_in(PASSWORD, "192.0.2.9").status_code == 302

    def test_many_addresses_together_are_refused_and_who_is_signed_in_from_a_network_is_not(self, settings):
        settings.ACCOUNT_RATE_LIMITS = {"login_failed_anywhere": "8/h/key"}
        assert self.sign_in(PASSWORD, "192.0.2.9").status_code == 302
        for number in range(10):
            answer = self.sign_in("not it", f"198.51.{number}.7")
        assert TOO_MANY in answer.text
        assert TOO_MANY in self.sign_in(PASSWORD, "203.0.113.5").text
        assert self.sign_in(PASSWORD, "192.0.2.10").status_code == 302

    @pytest.mark.parametrize(
        "range_", [pytest.param("198.51.{}.7", marks=pytest.mark.proof), "2001:db8:{}::7"]
    )
    def test_a_handful_of_networks_never_refuses_the_owner(self, range_, settings, time_machine):
        """As fast as they may, for 55 minutes: each gets 5 tries in 5 minutes."""
        settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login": None}
        time_machine.move_to(NOON, tick=False)
        for _ in range(11):
            for number in range(3):
                answers = [self.sign_in("not it", range_.format(number)) for _ in range(6)]
                assert "Too many failed login attempts" in answers[-1].text
            time_machine.shift(301)
        assert self.sign_in(PASSWORD, "203.0.113.5").status_code == 302

    def test_addresses_of_one_ipv6_network_count_as_one(self):
        answers = [self.sign_in("not it", f"2001:db8:7:{number}::1") for number in range(6)]
        assert "Too many failed login attempts" in answers[-1].text

    def test_right_passwords_use_up_nothing(self, settings):
        settings.ACCOUNT_RATE_LIMITS = {"login_failed_anywhere": "2/h/key"}
        answers = [self.sign_in(PASSWORD, f"198.51.{number}.7").status_code for number in range(4)]
        assert answers == [302] * 4

    def test_where_all_are_refused_the_code_by_mail_lets_the_owner_in(self, settings, client):
        settings.ACCOUNT_RATE_LIMITS = {"login_failed_anywhere": "2/h/key"}
        for number in range(3):
            self.sign_in("not it", f"198.51.{number}.7")
        assert TOO_MANY in self.sign_in(PASSWORD, "203.0.113.5").text
        client.post(reverse("account_reset_password"), {"email": "ana.lopez@example.org"})
        client.post(reverse("account_confirm_password_reset_code"), {"code": mailed_code()})
        new = {"password1": "another horse battery", "password2": "another horse battery"}
        client.post(reverse("account_complete_password_reset"), new)
        assert client.get(reverse("profile")).status_code == 200
        assert self.sign_in("another horse battery", "203.0.113.5").status_code == 302

    def test_a_session_that_has_ended_makes_no_network_known(self, settings):
        settings.ACCOUNT_RATE_LIMITS = {"login_failed_anywhere": "2/h/key"}
        assert self.sign_in(PASSWORD, "192.0.2.9").status_code == 302
        Session.objects.all().delete()
        for number in range(3):
            self.sign_in("not it", f"198.51.{number}.7")
        assert TOO_MANY in self.sign_in(PASSWORD, "192.0.2.9").text


def test_sign_up_does_the_same_work_for_an_address_that_is_known(client, settings, monkeypatch):
    """Hashes and inserts, which are what takes time."""
    settings.ACCOUNT_RATE_LIMITS = {"signup": None, "confirm_email": None}
    hashed = []
    monkeypatch.setattr(User, "set_password", lambda self, password: hashed.append(password))
    counts = []
    for email in ("new@example.org", "new@example.org"):
        with CaptureQueriesContext(database) as asked:
            sign_up(Client(), email)
        inserts = [one["sql"].split('"')[1] for one in asked if one["sql"].startswith("INSERT")]
        counts.append((len(hashed), sorted(set(inserts) - {"django_session"})))
        hashed.clear()
    assert counts[0] == counts[1]
    assert (User.objects.count(), Team.objects.count()) == (1, 1)
