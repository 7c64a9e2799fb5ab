"""A job that waits must not look broken at its forge."""

from datetime import timedelta

import pytest

from tests.builders import NOON, a_connection
from tests.worlds import FakeForge
from tfci.forges import signposts
from tfci.forges.errors import ForgeRefused, Gone, Unreachable
from tfci.forges.models import Connection

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(seconds=30)


@pytest.fixture
def connection():
    return a_connection(signpost_labels=["small"])


def kept(connection, forge, now=NOON):
    connection.refresh_from_db()
    signposts.renew(connection, forge, now)
    connection.refresh_from_db()
    return connection


def test_it_is_made_once_and_says_its_labels_every_30_seconds(connection):
    forge = FakeForge()
    assert connection in signposts.due(NOON)
    kept(connection, forge)
    assert connection not in signposts.due(NOON + timedelta(seconds=29))
    kept(connection, forge, LATER)
    assert (forge.registered, forge.declared) == (1, [("small",), ("small",)])


def test_one_that_was_made_and_not_recorded_is_forgotten_first(connection):
    forge = FakeForge()
    kept(connection, forge)
    Connection.objects.update(signpost_id="")
    kept(connection, forge, LATER)
    assert len(forge.have) == 1


def test_one_that_was_removed_at_the_forge_is_made_anew(connection):
    forge = FakeForge()
    kept(connection, forge)
    forge.broken = Gone("no such runner")
    assert kept(connection, forge, LATER).signpost_id == ""
    forge.broken = None
    assert kept(connection, forge, LATER).signpost_id == "2"


def test_a_refusal_is_told_and_an_outage_is_not(connection):
    forge = FakeForge(broken=Unreachable("no answer"))
    assert kept(connection, forge).problems == []
    forge.broken = ForgeRefused("the token was revoked")
    assert kept(connection, forge).problem_text == "the token was revoked"


def test_labels_that_came_while_it_spoke_are_said_next(connection):
    forge, declare = FakeForge(), FakeForge.declare

    def meanwhile(credential, labels):
        declare(forge, credential, labels)
        signposts.show(Connection.objects.get(pk=connection.pk), ["gpu"])

    forge.declare = meanwhile
    kept(connection, forge)
    assert connection in signposts.due(NOON)


def test_an_organisation_without_jobs_of_ours_has_none():
    assert a_connection() not in signposts.due(NOON)
