"""A job that waits must not look broken at its forge."""

from datetime import timedelta

import pytest

from tests.builders import NOON, an_org
from tests.worlds import FakeForge
from tfci.forges import signposts
from tfci.forges.errors import ForgeRefused, Gone, Unreachable
from tfci.forges.models import LinkedOrg

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(seconds=30)


@pytest.fixture
def org():
    return an_org(signpost_labels=["small"])


def kept(org, forge, now=NOON):
    org.refresh_from_db()
    signposts.keep(org, forge, now)
    org.refresh_from_db()
    return org


def test_it_is_made_once_and_says_its_labels_every_30_seconds(org):
    forge = FakeForge()
    assert org in signposts.due(NOON)
    kept(org, forge)
    assert org not in signposts.due(NOON + timedelta(seconds=29))
    kept(org, forge, LATER)
    assert (forge.registered, forge.declared) == (1, [("small",), ("small",)])


def test_one_that_was_made_and_not_recorded_is_forgotten_first(org):
    forge = FakeForge()
    kept(org, forge)
    LinkedOrg.objects.update(signpost_id="")
    kept(org, forge, LATER)
    assert len(forge.have) == 1


def test_one_that_was_removed_at_the_forge_is_made_anew(org):
    forge = FakeForge()
    kept(org, forge)
    forge.broken = Gone("no such runner")
    assert kept(org, forge, LATER).signpost_id == ""
    forge.broken = None
    assert kept(org, forge, LATER).signpost_id == "2"


def test_a_refusal_is_told_and_an_outage_is_not(org):
    forge = FakeForge(broken=Unreachable("no answer"))
    assert kept(org, forge).trouble == ""
    forge.broken = ForgeRefused("the token was revoked")
    assert kept(org, forge).trouble == "the token was revoked"


def test_labels_that_came_while_it_spoke_are_said_next(org):
    forge, declare = FakeForge(), FakeForge.declare

    def meanwhile(credential, labels):
        declare(forge, credential, labels)
        signposts.show(LinkedOrg.objects.get(pk=org.pk), ["gpu"])

    forge.declare = meanwhile
    kept(org, forge)
    assert org in signposts.due(NOON)


def test_an_organisation_without_jobs_of_ours_has_none():
    assert an_org() not in signposts.due(NOON)
