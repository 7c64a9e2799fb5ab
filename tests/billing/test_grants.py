"""The starter grant: once for each confirmed person, or the operator is asked."""

import importlib

import pytest
from allauth.account.models import EmailAddress
from django.db import connection as database
from django.db.migrations.loader import MigrationLoader
from django.db.models import OuterRef

from billing import accounts, credit_requests, grants, ledger, wallets
from billing.models import CreditRequest, LedgerEntry, StarterGrant
from runners.tasks import upkeep
from tests.builders import NOON, a_team, a_user
from tfci.accounts import audit, email_identity, teams
from tfci.accounts.audit_actions import Action
from tfci.accounts.models import Membership, Team, User
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def the_setting(settings):
    settings.GRANT, settings.TEAMS_PER_PERSON = "25", 40


def a_person(email="ann@example.org", *, confirmed=True):
    user = a_user(email)
    EmailAddress.objects.create(user=user, email=email, verified=confirmed, primary=True)
    return user


def granted():
    return Tft(sum(ledger.balances(Membership.objects.values_list("team", flat=True)).values()))


def test_thirty_teams_of_one_person_have_one_grant_together():
    ann = a_person()
    first, *_ = [teams.begin(f"Team {n}", ann, NOON) for n in range(30)]
    assert granted() == wallets.for_team(first).balance == Tft.parse("25")


def test_a_team_has_no_money_before_the_address_is_confirmed():
    ann = a_person(confirmed=False)
    team = teams.begin("Kestrel", ann, NOON)
    assert not grants.give(ann, NOON)
    assert granted() == 0
    EmailAddress.objects.update(verified=True)
    assert grants.give(ann, NOON)
    assert not grants.give(ann, NOON)
    assert wallets.for_team(team).balance == Tft.parse("25")


@pytest.mark.parametrize(
    "again, more",
    [
        ("ann@example.org", False),
        ("ann+two@example.org", False),
        ("ann+two@EXAMPLE.org", False),
        ("ann.two@example.org", True),
    ],
)
def test_an_account_that_was_deleted_and_made_again_gets_no_second_grant(again, more):
    ann = a_person()
    teams.begin("One", ann, NOON)
    ann.delete()
    teams.begin("Two", a_person(again.lower()), NOON)
    assert StarterGrant.objects.count() == 1 + more


def test_each_later_sign_in_asks_once_and_never_the_ledger(django_assert_num_queries):
    ann = a_person()
    teams.begin("One", ann, NOON)
    with django_assert_num_queries(1) as asked:
        assert not grants.give(ann, NOON)
    assert "ledger" not in asked.captured_queries[0]["sql"]


def test_whether_a_team_had_it_is_looked_up_by_the_unique_key_of_its_entry():
    ann = a_person(confirmed=False)
    had, new = [teams.begin(name, ann, NOON) for name in ("One", "Two")]
    ledger.grant(wallets.for_team(had), Tft.parse("25"), NOON)
    left = Team.objects.exclude(ledger.had_grant(OuterRef("pk")))
    assert list(left) == [new]
    entry = LedgerEntry.objects.get()
    plain = {field.attname: getattr(entry, field.attname) for field in LedgerEntry._meta.concrete_fields}
    LedgerEntry.objects.bulk_create(
        LedgerEntry(**plain | {"id": None, "key": f"vm:{n}:job:1"}) for n in range(3000)
    )
    with database.cursor() as cursor:
        cursor.execute("ANALYZE billing_ledgerentry")
    assert "Index Cond: (key = " in left.filter(pk=new.pk).explain()


def test_another_address_of_the_same_person_brings_nothing():
    ann = a_person()
    teams.begin("One", ann, NOON)
    EmailAddress.objects.filter(user=ann).update(email="other@example.org")
    teams.begin("Two", ann, NOON)
    assert granted() == Tft.parse("25")


def test_dots_of_gmail_are_one_mailbox():
    for email in ("ann.lee@gmail.com", "annlee+ci@gmail.com", "a.n.n.lee@googlemail.com"):
        teams.begin("Team", a_person(email), NOON)
    assert granted() == Tft.parse("25")


@pytest.mark.parametrize(
    "spellings",
    [
        (
            "m1@example.org",
            '"m1"@example.org',
            '"m\\1"@example.org',
            '"m1+ci"@example.org',
            "m1@example.org.",
        ),
        ("m2@bücher.example", "m2@xn--bcher-kva.example", "m2@bücher.example."),
    ],
)
def test_quotes_and_spellings_of_the_domain_are_one_mailbox(spellings):
    for email in spellings:
        teams.begin("Team", a_person(email), NOON)
    assert granted() == Tft.parse("25")


@pytest.mark.parametrize("email", ["m1@a..b", f"m1@{'ü' * 80}.example", "m1@xn--a"])
def test_an_address_without_a_proper_domain_is_read_too(email):
    assert email_identity.canonical(email) == email


class TestWithoutAGrant:
    @pytest.fixture(autouse=True)
    def no_grant(self, settings):
        settings.GRANT = "0"

    def test_the_operator_is_asked_once_a_person(self):
        ann = a_person()
        team, _ = [teams.begin(name, ann, NOON) for name in ("One", "Two")]
        assert [one.team for one in credit_requests.open_requests()] == [team]
        assert wallets.for_team(team).balance == 0

    def test_a_credit_answers_the_request(self):
        ann = a_person()
        team = teams.begin("One", ann, NOON)
        accounts.credit(team, "key", Tft.parse("5"), "welcome", "operator", NOON)
        assert not credit_requests.open_requests()
        assert credit_requests.ask(team, ann, "more", NOON)

    def test_one_request_of_a_team_is_open_at_a_time(self):
        ann = a_person()
        team = teams.begin("One", ann, NOON)
        assert not credit_requests.ask(team, ann, "again", NOON)
        assert CreditRequest.objects.count() == 1

    def test_each_operator_is_mailed_once(self, mailoutbox):
        User.objects.filter(pk=a_user("op@example.org").pk).update(is_staff=True)
        teams.begin("One", a_person(), NOON)
        upkeep.mail_operators()
        upkeep.mail_operators()
        assert [(mail.to, mail.subject) for mail in mailoutbox] == [
            (["op@example.org"], "TFT request from One")
        ]

    def test_without_an_operator_or_a_mail_server_the_mail_goes_out_later(self, settings, mailoutbox):
        teams.begin("One", a_person(), NOON)
        upkeep.mail_operators()
        User.objects.filter(pk=a_user("op@example.org").pk).update(is_staff=True)
        working, settings.EMAIL_BACKEND = (
            settings.EMAIL_BACKEND,
            "django.core.mail.backends.smtp.EmailBackend",
        )
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
        upkeep.mail_operators()
        assert credit_requests.unmailed().exists()
        settings.EMAIL_BACKEND = working
        upkeep.mail_operators()
        assert len(mailoutbox) == 1
        assert not credit_requests.unmailed().exists()


def test_who_had_it_before_it_was_given_by_person_gets_no_second():
    """The rows of an installation from before: a grant on the team, its founder in the audit log."""
    ann, team = a_person(), a_team()
    audit.record(team, ann, Action.TEAM_CREATED, team.name, at=NOON)
    ledger.grant(wallets.for_team(team), Tft.parse("100"), NOON)
    then = MigrationLoader(database).project_state(("billing", "0012_grants_of_before")).apps
    importlib.import_module("billing.migrations.0012_grants_of_before").note_founders(then, None)
    assert StarterGrant.objects.get().person == ann
    teams.begin("Another", ann, NOON)
    assert granted() == 0
