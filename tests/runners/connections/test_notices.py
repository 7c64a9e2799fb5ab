"""What people are told by mail."""

from datetime import timedelta

import pytest

from runners.tasks import upkeep
from tests.builders import NOON, a_connection, a_membership, a_team, a_user
from tfci.accounts.models import Role
from tfci.forges.models import Connection

pytestmark = pytest.mark.django_db


@pytest.fixture
def team():
    team = a_team("Kestrel Labs")
    for role in Role.values:
        a_membership(team, a_user(f"{role}@example.org"), role)
    return team


@pytest.fixture
def at(time_machine):
    return lambda moment: time_machine.move_to(moment, tick=False)


def test_the_end_of_a_token_is_mailed_to_who_may_renew_it(team, at, mailoutbox):
    a_connection(team, name="kestrel", token_ends_at=NOON + timedelta(days=2))
    at(NOON)
    upkeep.warn_of_token_ends()
    upkeep.warn_of_token_ends()
    assert sorted(mail.to[0] for mail in mailoutbox) == ["admin@example.org", "owner@example.org"]
    assert mailoutbox[0].subject.startswith("The token for kestrel expires in ")
    assert f"/t/{team.slug}/connections/{Connection.objects.get().pk}/" in mailoutbox[0].body


def test_it_is_mailed_again_when_the_end_is_near(team, at, mailoutbox):
    a_connection(team, token_ends_at=NOON + timedelta(days=20))
    for day in range(21):
        at(NOON + timedelta(days=day, minutes=1))
        upkeep.warn_of_token_ends()
    assert len(mailoutbox) == 3 * 2


def test_a_mail_server_that_is_down_ends_no_turn(team, at, settings, mailoutbox):
    a_connection(team, token_ends_at=NOON + timedelta(days=2))
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    at(NOON)
    upkeep.warn_of_token_ends()
    assert Connection.objects.get().expiry_warned_at is not None


def test_who_uses_an_app_has_no_end_to_hear_of(team, at, mailoutbox):
    a_connection(team, token_ends_at=None)
    at(NOON)
    upkeep.warn_of_token_ends()
    assert mailoutbox == []
