"""An App's one webhook tells of all its installations."""

from datetime import timedelta

import pytest

from runners.connections import webhook_ingest
from runners.models import Job
from tests.builders import NOON, a_connection
from tests.counterparts.github.postman import packed
from tfci.core.secret import Secret
from tfci.forges import redelivery, registry, tokens, webhook_inbox
from tfci.forges.models import Connection, Delivery, Installation
from tfci.forges.problems import ProblemCode

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh():
    """What is remembered of addresses is of another test."""
    webhook_inbox._sender.cache_clear()
    webhook_inbox._link.cache_clear()


@pytest.fixture
def held(apps):
    """Deliveries that GitHub would send now, carried by hand."""
    apps.github.postman.held = []
    return apps.github.postman.held


def kept(delivery, now=NOON):
    return webhook_inbox.store("app", *packed(delivery), now)


def test_a_job_finds_its_link_by_its_installation(apps, held):
    connections = {name: apps.installed(name).connections.get() for name in ("acme", "umbrella")}
    apps.github.actions.push("umbrella/app", {"build": {"runs-on": "small"}})
    told = [kept(delivery) for delivery in held]
    assert {one.connection_id for one in told} == {connections["umbrella"].pk}
    webhook_ingest.ingest(connections["umbrella"].pk, NOON)
    assert Job.objects.get().connection == connections["umbrella"]


def test_what_a_run_is_called_is_known_without_a_call(apps, held):
    connection = apps.installed("acme").connections.get()
    tokens.refresh(connection.installation, apps.client(), NOON)
    run = apps.github.actions.push("acme/app", {"build": {"runs-on": "small"}}, title="Mend it")
    for delivery in held:
        kept(delivery)
    webhook_ingest.ingest(connection.pk, NOON)
    forge = registry.forge(Connection.objects.get(), apps.world.clock.seconds)
    asked = dict(apps.github.calls)
    assert forge.run("acme/app", str(run.id)).title == "Mend it"
    assert apps.github.calls == asked


def test_a_forged_delivery_is_refused(apps, held):
    apps.installed("acme")
    apps.github.actions.push("acme/app", {"build": {"runs-on": "small"}})
    headers, body = packed(held[0])
    with pytest.raises(webhook_inbox.InvalidSignature):
        webhook_inbox.store("app", headers, body + b" ", NOON)
    assert not Delivery.objects.exists()


def test_one_that_comes_again_counts_once(apps, held):
    apps.installed("acme")
    apps.github.actions.push("acme/app", {"build": {"runs-on": "small"}})
    assert [kept(held[-1]).duplicate, kept(held[-1]).duplicate] == [False, True]


def test_what_nobody_has_linked_is_kept_for_nobody(apps, held):
    apps.installed("acme", linked=False)
    apps.github.actions.push("acme/app", {"build": {"runs-on": "small"}})
    assert kept(held[-1]) == webhook_inbox.StoredDelivery(None, duplicate=False, pending=False)
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("deed", ["suspends", "unsuspends", "uninstalls"])
def test_a_change_of_an_installation_has_it_read_at_once(apps, held, deed):
    row = apps.installed("acme")
    Installation.objects.update(due_at=NOON + timedelta(hours=1))
    getattr(apps.github.people, deed)(apps.world.installations[row.installation_id])
    kept(held[-1])
    row.refresh_from_db()
    assert row.due_at == NOON


def test_an_installation_that_is_new_gets_a_row(apps, held):
    apps.world.account("ann", "User")
    apps.world.account("acme", owner="ann")
    made, _ = apps.github.people.installs(apps.app, "ann", "acme", "state")
    kept(held[-1])
    assert Installation.objects.get().installation_id == made.id


def test_repositories_that_are_added_have_it_read(apps, held):
    row = apps.installed("acme")
    Installation.objects.update(due_at=NOON + timedelta(hours=1))
    apps.github.people.adds_a_repository(apps.world.installations[row.installation_id], "acme/app")
    kept(held[-1])
    row.refresh_from_db()
    assert row.due_at == NOON


# Sent again


def test_what_nobody_took_is_sent_again_three_times_at_most(apps, held):
    apps.installed("acme")
    postman = apps.github.postman
    apps.github.actions.push("acme/app", {"build": {"runs-on": "small"}})
    lost = held[-1]
    lost.status, postman.deliveries = 502, [lost]
    held.clear()
    for tries in (1, 2):
        assert redelivery.of_app(apps.row, apps.client(), NOON) == 1
        assert held[-1].guid == lost.guid
        held[-1].status = 502
        postman.deliveries.insert(0, held[-1])
        assert len(held) == tries
    assert redelivery.of_app(apps.row, apps.client(), NOON) == 0


def test_what_was_taken_is_left_alone(apps, held):
    apps.installed("acme")
    apps.github.actions.push("acme/app", {"build": {"runs-on": "small"}})
    for delivery in held:
        delivery.status = 202
    apps.github.postman.deliveries = list(held)
    assert redelivery.of_app(apps.row, apps.client(), NOON) == 0


def test_github_sends_nothing_again_that_is_older_than_three_days(apps, held):
    apps.installed("acme")
    apps.github.actions.push("acme/app", {"build": {"runs-on": "small"}})
    held[-1].status, apps.github.postman.deliveries = 502, [held[-1]]
    apps.world.clock.move(3 * 86400 + 1)
    assert redelivery.of_app(apps.row, apps.client(), apps.world.clock.now()) == 0


def test_a_github_that_is_down_is_noted_and_asked_again(apps):
    with apps.github.with_faults(down_for=60):
        assert redelivery.of_app(apps.row, apps.client(), NOON) == 0
    apps.row.refresh_from_db()
    assert apps.row.problem == ProblemCode.FORGE_NO_ANSWER and apps.row.deliveries_read_at is None


# A link's own webhook


@pytest.fixture
def own(apps, held):
    """An organisation, linked by a token, whose webhook was down when a job was queued."""
    apps.world.account("ann", "User")
    apps.world.account("acme", owner="ann")
    apps.world.repo("acme", "app")
    scopes = ["organization_self_hosted_runners:write", "actions:read", "organization_hooks:write"]
    token = Secret(apps.world.personal_token("ann", scopes, "acme"))
    row = {"forge": "github", "url": apps.github.url, "name": "acme", "token": token, "address": "own"}
    connection = a_connection(**row)
    Connection.objects.update(
        hook_id=registry.forge(connection).hook("https://fh.example.org/hooks/own", connection.hook_secret)
    )
    apps.github.actions.push("acme/app", {"build": {"runs-on": "small"}})
    for delivery in held:
        delivery.status = 502
    apps.github.postman.deliveries = held[::-1]
    held.clear()
    return Connection.objects.get()


def test_what_a_links_own_webhook_missed_is_sent_again(own, held):
    assert redelivery.due(NOON) == [own]
    assert redelivery.of_connection(own, registry.forge, NOON) == 2
    for delivery in held:
        webhook_inbox.store("own", *packed(delivery), NOON)
    webhook_ingest.ingest(own.pk, NOON)
    assert Job.objects.get().connection == own
    assert redelivery.due(NOON + timedelta(minutes=4)) == []
    assert redelivery.due(NOON + redelivery.EVERY) != []


@pytest.mark.parametrize(
    "other",
    [
        {"hook_id": ""},
        {"way": "poll"},
        {"forge": "gitea"},
        {"disconnecting_at": NOON},
        {"disconnected_at": NOON},
    ],
)
def test_nobody_is_asked_who_has_no_webhook_or_sends_none_again(own, other):
    Connection.objects.update(**other)
    assert redelivery.due(NOON) == []


def test_a_forge_that_refuses_is_asked_again_later(own):
    Connection.objects.update(token=Secret("ended"))
    connection = Connection.objects.get()
    assert redelivery.of_connection(connection, registry.forge, NOON) == 0
    assert redelivery.due(NOON) == [connection]
