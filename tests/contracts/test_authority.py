"""A forge whose certificate a private authority has signed, over real TLS: linked, trusted for that link alone."""

from urllib.parse import urlsplit

import pytest

from runners.connections import linking
from runners.gateways import Gateways
from tests.builders import a_connection, a_team, a_user
from tests.contracts.github_harness import GitHubConnection, GitHubForge
from tests.tls import Authority, Relay
from tfci.accounts.models import AuditEntry
from tfci.core.secret import Secret
from tfci.forges import registry
from tfci.forges.errors import ForgeRefused, Gone, Unreachable
from tfci.forges.models import Connection

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def corp():
    return Authority()


@pytest.fixture(scope="module")
def place(tmp_path_factory, corp):
    """An organisation at a GitHub Enterprise Server behind TLS of that authority."""
    forge = GitHubForge(None)
    relay = Relay(urlsplit(forge.url).port, corp.context(tmp_path_factory.mktemp("tls")))
    found = GitHubConnection(forge)
    found.url = relay.url
    yield found
    relay.stop()
    forge.stop()


@pytest.fixture
def world(settings, place):
    settings.ALLOWED_FORGE_ORIGINS = [place.url]
    clock = place.forge.world.clock
    return Gateways(lambda connection: registry.forge(connection, clock.seconds), None, clock.now)


@pytest.fixture
def link(place, world):
    """Link it with what was pasted."""

    def link(pasted):
        token = Secret(place.token([*place.scopes, place.webhooks]))
        asked = {"forge": "github", "url": place.url, "name": place.name, "token": token, "way": "poll"}
        return linking.connect(a_team(), {**asked, "authority": pasted}, world, a_user(), world.clock())

    return link


def test_it_is_linked_by_its_authority_and_not_without(link, corp):
    with pytest.raises(Unreachable, match="not trusted"):
        link("")
    with pytest.raises(Unreachable, match="not trusted"):
        link(Authority("Somebody Else").pem)
    connection = link(corp.pem)
    assert Connection.objects.get() == connection and connection.authority == corp.pem


@pytest.mark.parametrize("kind", registry.KINDS)
def test_the_client_of_each_kind_trusts_it_for_that_link_alone(kind, place, world, corp):
    """There is no forge of the other kinds behind the socket, but that can only be said once TLS is up."""
    grpc = "grpc://ci.example.org:9000" if registry.KINDS[kind].guide.runner_url_help else ""
    row = {"forge": kind, "url": place.url, "runner_url": grpc}
    forge = world.forge(a_connection(**row, authority=corp.pem))
    with pytest.raises((ForgeRefused, Gone, Unreachable)) as said:
        if not forge.check().problems:
            raise Gone("all is well")
        raise ForgeRefused("lacks something")
    assert "not trusted" not in str(said.value)
    with pytest.raises(Unreachable, match="not trusted"):
        world.forge(a_connection(**row)).check()


def test_another_takes_its_place_once_it_proves_to_be_right(link, world, corp):
    connection, who = link(corp.pem), a_user()
    with pytest.raises(Unreachable, match="not trusted"):
        linking.change(
            Connection.objects.get(), {"authority": Authority("Else").pem}, world, who, world.clock()
        )
    connection.refresh_from_db()
    assert connection.authority == corp.pem
    linking.change(
        connection, {"authority": Authority("Next Root").pem + corp.pem}, world, who, world.clock()
    )
    connection.refresh_from_db()
    assert connection.authority.count("BEGIN CERTIFICATE") == 2
    entry = AuditEntry.objects.order_by("-pk").first()
    assert (entry.before["authority"], entry.after["authority"]) == ("Example Corp Root", "Next Root")


def test_what_browsers_do_to_its_ends_of_lines_is_no_change(link, world, corp):
    connection = link(corp.pem)
    linking.change(connection, {"authority": corp.pem.replace("\n", "\r\n")}, world, a_user(), world.clock())
    assert AuditEntry.objects.order_by("-pk").first().after == {}


def test_an_engine_is_told_whom_to_trust(link, corp):
    assert registry.order(link(corp.pem), Secret("jit"), ["small"]).authority == corp.pem
