"""What a kind of forge can do is what its client implements."""

import pytest

from runners.gateways import Gateways
from tests.builders import a_connection
from tests.worlds import FakeForge
from tfci.forges import registry
from tfci.forges.errors import ForgeRefused
from tfci.forges.ports.forge import CancelsRuns, Forge, KeepsFiles, RerunsJobs, SendsWebhooks, ShowsSignposts


@pytest.mark.parametrize("name", registry.KINDS)
def test_every_kind_implements_what_all_do_and_has_what_its_protocols_need(name):
    kind = registry.KINDS[name]
    assert kind.implements(Forge)
    assert kind.implements(SendsWebhooks) == (kind.webhooks is not None)
    assert kind.code_host or not kind.implements(KeepsFiles)


def test_the_kinds_of_a_protocol_are_found():
    assert registry.kinds_implementing(ShowsSignposts) == ["gitea", "forgejo"]
    assert registry.kinds_implementing(CancelsRuns) == list(registry.KINDS)
    assert "forgejo" not in registry.kinds_implementing(RerunsJobs)


@pytest.mark.django_db
def test_a_client_is_handed_out_as_what_its_kind_implements_and_refused_as_anything_else():
    forge = FakeForge()
    world = Gateways(forge=lambda connection: forge, account=None, clock=None)
    assert world.forge_that(a_connection(forge="gitea"), KeepsFiles) is forge
    with pytest.raises(ForgeRefused, match="at GitHub"):
        world.forge_that(a_connection(forge="github"), KeepsFiles)
