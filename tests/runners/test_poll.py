"""When a forge is asked again, and what is told of one that does not answer."""

from datetime import timedelta

import pytest

from runners import poll
from tests.builders import NOON, an_org
from tests.worlds import a_world
from tfci.forges.ports import Refused, Unreachable

pytestmark = pytest.mark.django_db


@pytest.fixture
def outside():
    return a_world()


def asked(outside, error, seconds=0, **fields):
    """The organisation after a poll that met this error, so long after the last one that was answered."""
    world, forge, _, clock = outside
    org = an_org(polled_at=NOON, **fields)
    forge.broken = error
    poll.ask(org, world, clock.tick(seconds))
    org.refresh_from_db()
    return org


def test_one_call_that_failed_is_soon_made_again(outside):
    org = asked(outside, Unreachable("500"), seconds=0.5)
    assert org.poll_at == NOON + timedelta(seconds=0.5) + poll.SOON


def test_a_forge_that_is_down_is_asked_rarely(outside):
    org = asked(outside, Unreachable("no answer"), seconds=3600)
    assert org.poll_at == NOON + timedelta(hours=1) + poll.RARELY


def test_a_silent_forge_is_nothing_that_a_person_has_to_mend(outside):
    assert asked(outside, Unreachable("500")).trouble == ""


def test_a_refused_token_is(outside):
    assert asked(outside, Refused("Renew the token.")).trouble == "Renew the token."
