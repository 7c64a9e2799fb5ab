"""Link an organisation, give it a new token, check it, unlink it."""

from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from importlib import import_module

import pytest
from django.db import connection as database
from django.db.migrations.loader import MigrationLoader

from runners.connections import linking
from tests.builders import NOON, a_connection, a_job, a_problem, a_team, a_user
from tests.worlds import a_world
from tfci.accounts.models import AuditEntry
from tfci.core.secret import Secret
from tfci.forges import connections
from tfci.forges.errors import ForgeRefused, Unreachable
from tfci.forges.findings import CheckSubject, Finding, WebhookNotSent
from tfci.forges.models import Connection

pytestmark = pytest.mark.django_db
ASKED = {
    "forge": "gitea",
    "url": "https://git.example.org",
    "name": "acme",
    "token": Secret("t"),
    "way": "webhook",
}


@pytest.fixture
def outside():
    world, forge, _, _ = a_world()
    return world, forge


def test_linking_is_in_the_audit_log_without_the_token(outside):
    world, forge = outside
    who = a_user()
    connection = linking.connect(a_team(), ASKED, world, who, NOON)
    entry = AuditEntry.objects.get()
    assert (entry.who, entry.what, entry.on) == (
        str(who),
        "connections.change",
        "acme at https://git.example.org",
    )
    assert entry.after == {"level": "org", "way": "webhook"}
    assert len(forge.hooks) == 1 and Connection.objects.get() == connection


def test_a_link_that_lacks_something_leaves_nothing(outside):
    world, forge = outside
    forge.missing = ("Give the token the scope read:user.",)
    with pytest.raises(ForgeRefused, match="read:user"):
        linking.connect(a_team(), ASKED, world, a_user(), NOON)
    assert not Connection.objects.exists() and not AuditEntry.objects.exists()


def test_a_new_token_takes_the_place_of_the_old(outside):
    world, _ = outside
    connection = a_connection(problems=a_problem("The token is wrong."))
    linking.renew(connection, Secret("new"), world, a_user(), NOON)
    connection.refresh_from_db()
    assert (connection.token, connection.problem_text, connection.checked_at) == (Secret("new"), "", NOON)
    assert AuditEntry.objects.get().action == "connection_token_renewed"


@pytest.mark.parametrize("broken, missing", [(Unreachable("down"), ()), (None, ("scope",))])
def test_the_old_token_stays_where_the_new_one_does_not_do(outside, broken, missing):
    world, forge = outside
    forge.broken, forge.missing = broken, missing
    connection = a_connection()
    with pytest.raises((ForgeRefused, Unreachable)):
        linking.renew(connection, Secret("new"), world, a_user(), NOON)
    connection.refresh_from_db()
    assert connection.token == Secret("token")
    assert not AuditEntry.objects.exists()


def test_an_organisation_that_is_being_unlinked_takes_no_other_token(outside):
    connection = a_connection()
    linking.disconnect(Connection.objects.get(pk=connection.pk), a_user(), NOON)
    with pytest.raises(ForgeRefused, match="being disconnected"):
        linking.renew(connection, Secret("new"), outside[0], a_user(), NOON)
    connection.refresh_from_db()
    assert connection.token == Secret("token")


def test_a_check_writes_what_is_to_be_mended(outside):
    world, forge = outside
    forge.missing = ("Give the token the scope read:user.",)
    connection = linking.check(a_connection(), world, NOON)
    connection.refresh_from_db()
    assert connection.problem_text == "Give the token the scope read:user."


@pytest.mark.parametrize(
    "deed",
    [
        lambda connection, world: linking.renew(connection, Secret("new"), world, a_user(), NOON),
        lambda connection, world: linking.check(connection, world, NOON),
    ],
)
def test_what_a_person_has_mended_need_not_wait_for_our_next_try(outside, deed):
    world, forge = outside
    job = a_job(offers=3, next_offer_at=NOON + timedelta(hours=1))
    forge.missing = ("Give the token the scope read:user.",)
    with suppress(ForgeRefused):
        deed(job.connection, world)
    job.refresh_from_db()
    assert job.offers == 3
    forge.missing = ()
    deed(job.connection, world)
    job.refresh_from_db()
    assert (job.offers, job.next_offer_at) == (0, None)


WOODPECKER = {"forge": "woodpecker", "url": "https://ci.example.org", "token": Secret("t")}


def test_a_forge_without_webhooks_is_polled_whatever_was_asked_for(outside):
    world, forge = outside
    connection = linking.connect(
        a_team(), WOODPECKER | {"name": "acme", "way": "webhook"}, world, a_user(), NOON
    )
    assert (connection.way, connection.hook_id, forge.hooks) == ("poll", "", {})
    assert Finding(CheckSubject.WEBHOOK, WebhookNotSent()) in connection.typed_findings
    with pytest.raises(ForgeRefused, match="Woodpecker sends no webhooks"):
        linking.set_way(connection, "webhook", world, a_user(), NOON)


def test_a_whole_instance_and_a_part_of_it_are_not_linked_both(outside):
    world, _ = outside
    whole = WOODPECKER | {"name": "ci.example.org", "level": "instance"}
    part = WOODPECKER | {"name": "acme"}
    first = linking.connect(a_team(), part, world, a_user(), NOON)
    with pytest.raises(ForgeRefused, match="A part of https://ci.example.org is already connected"):
        linking.connect(a_team(), whole, world, a_user(), NOON)
    Connection.objects.filter(pk=first.pk).update(disconnected_at=NOON)
    linking.connect(a_team(), whole, world, a_user(), NOON)
    with pytest.raises(
        ForgeRefused, match="ci.example.org at https://ci.example.org is already connected with all"
    ):
        linking.connect(a_team(), part, world, a_user(), NOON)


def test_unlinking_begins_once():
    connection, who = a_connection(), a_user()
    assert linking.disconnect(connection, who, NOON)
    assert not linking.disconnect(connection, who, NOON)
    connection.refresh_from_db()
    assert connection.disconnecting_at == NOON
    assert AuditEntry.objects.get().action == "connection_ended"


# Two links over one thing


@pytest.mark.parametrize(
    "level, name, sentence",
    [
        ("org", "ACME", "ACME at https://git.example.org is already connected"),
        ("user", "acme", "already connected"),
        (
            "repo",
            "acme/app",
            "acme at https://git.example.org is already connected with all its repositories",
        ),
        ("repo", "Acme/App", "including Acme/App"),
    ],
)
def test_what_a_linked_organisation_brings_is_refused(outside, level, name, sentence):
    a_connection(name="acme")
    with pytest.raises(ForgeRefused, match=sentence):
        linking.connect(a_team(), ASKED | {"level": level, "name": name}, outside[0], a_user(), NOON)


def test_an_organisation_is_refused_while_a_repository_of_it_is_linked(outside):
    a_connection(name="acme/app", level="repo")
    with pytest.raises(ForgeRefused, match="acme/app at .*, a repository of acme, is already connected"):
        linking.connect(a_team(), ASKED, outside[0], a_user(), NOON)


@pytest.mark.parametrize(
    "level, name, there",
    [("repo", "acme/web", "acme/app"), ("org", "acme", "acme2/app"), ("org", "a_me", "acme/app")],
)
def test_what_lies_beside_each_other_is_linked(outside, level, name, there):
    a_connection(name=there, level="repo")
    assert linking.connect(a_team(), ASKED | {"level": level, "name": name}, outside[0], a_user(), NOON).pk


def test_what_was_unlinked_may_be_linked_by_its_owner(outside):
    a_connection(name="acme/app", level="repo", disconnected_at=NOON)
    assert linking.connect(a_team(), ASKED, outside[0], a_user(), NOON).pk


def test_a_token_that_the_forge_refuses_learns_nothing_of_who_is_connected(outside):
    world, forge = outside
    forge.missing = ("Give the token the scope read:user.",)
    a_connection(name="acme")
    with pytest.raises(ForgeRefused, match="^Give the token the scope"):
        linking.connect(a_team(), ASKED, world, a_user(), NOON)


def test_of_two_who_link_at_the_same_moment_the_second_is_refused(outside):
    """Both have looked before either has saved: the look under the lock decides."""
    world, forge = outside
    check = forge.check

    def meanwhile():
        a_connection(name="acme/app", level="repo")
        return check()

    forge.check = meanwhile
    with pytest.raises(ForgeRefused, match="already connected"):
        linking.connect(a_team(), ASKED, world, a_user(), NOON)
    assert not forge.hooks


class TestTheLimit:
    """Of connections that a team may have at one time."""

    def test_one_more_is_refused_with_the_number_and_what_to_do(self, outside, settings):
        settings.CONNECTIONS_PER_TEAM = 2
        team = a_team()
        a_connection(team), a_connection(team)
        with pytest.raises(ForgeRefused, match="2 connections.*FARMHAND_CONNECTIONS_PER_TEAM"):
            linking.connect(team, ASKED, outside[0], a_user(), NOON)
        assert Connection.objects.count() == 2

    def test_others_and_what_was_unlinked_do_not_count(self, outside, settings):
        settings.CONNECTIONS_PER_TEAM = 1
        team = a_team()
        a_connection(team, disconnected_at=NOON), a_connection()
        assert linking.connect(team, ASKED, outside[0], a_user(), NOON).team == team

    def test_two_at_the_same_time_are_counted_one_after_the_other(self, settings):
        """Both were drafted while there was room."""
        settings.CONNECTIONS_PER_TEAM = 1
        team = a_team()
        drafts = [connections.draft(team, **ASKED | {"name": name}, now=NOON) for name in ("acme", "kestrel")]
        connections.save(drafts[0])
        with pytest.raises(ForgeRefused, match="1 connection "):
            connections.save(drafts[1])


def test_check_now_calls_a_forge_that_is_left_alone_and_has_it_polled(outside):
    world, forge = outside
    later = NOON + timedelta(minutes=5)
    connection = a_connection(silent_since=NOON, retry_at=later, next_poll_at=later)
    asked = []
    world = replace(world, forge=lambda row: asked.append(row.retry_at) or forge)
    linking.check(connection, world, NOON)
    connection.refresh_from_db()
    assert (asked, connection.next_poll_at) == ([None], NOON)


SPELLINGS = {
    "https://git.example.org": [
        *(
            "https://git.example.org.",
            "HTTPS://GIT.example.org/",
            "https://git.example.org:443",
            " https://git.example.org// ",
        ),
        *("https://git.example.org:00443/", "https://git.example.org/%2e/"),
    ],
    "http://127.0.0.1:27108": [
        "http://127.0.0.1.:27108",
        "http://127.0.0.1:027108",
        "http://[::ffff:127.0.0.1]:27108",
    ],
    "http://[::1]:3000": ["http://[0:0:0:0:0:0:0:1]:3000", "http://[::0001]:03000/"],
    "https://xn--bcher-kva.example": [
        "https://bücher.example",
        "https://BÜCHER.example",
        "https://XN--bcher-kva.example.",
    ],
    "https://example.org/git": [
        *(
            "https://example.org/git/",
            "https://example.org//git",
            "https://example.org/%67it",
            "https://example.org/GIT",
        ),
        *("https://example.org/a/../git", "https://example.org/./git"),
    ],
}


@pytest.mark.parametrize(
    ("url", "other"), [(url, other) for url, others in SPELLINGS.items() for other in [url, *others]]
)
def test_one_organization_is_not_linked_twice_by_spelling_its_address_otherwise(outside, url, other):
    world, _ = outside
    for first, second in ((url, other), (other, url)):
        connection = linking.connect(a_team(), ASKED | {"url": first}, world, a_user(), NOON)
        assert connection.url.lower() == url
        for name in ("acme", "ACME", " acme ", "acme/app"):
            level = {"level": "repo" if "/" in name else "org"}
            with pytest.raises(ForgeRefused, match="already connected"):
                linking.connect(
                    a_team(), ASKED | level | {"url": second, "name": name}, world, a_user(), NOON
                )
        connection.delete()


@pytest.mark.parametrize(
    "url",
    [
        *(
            "http://127.1",
            "http://0x7f000001",
            "http://2130706433",
            "http://017700000001",
            "http://0177.0.0.1",
        ),
        *(
            "https://me:secret@git.example.org",
            "https://git.example.org/%00",
            "https://git.example.org/%0d%0aX",
            "http://[",
        ),
        *(
            "https://git.example.org?x",
            "https://git.example.org/#x",
            "https://git.example.org:99999",
            "https://git%2eexample.org",
        ),
    ],
)
def test_an_address_that_is_read_differently_by_others_is_refused(outside, url):
    world, _ = outside
    with pytest.raises(ForgeRefused):
        linking.connect(a_team(), ASKED | {"url": url}, world, a_user(), NOON)
    assert not Connection.objects.exists()


@contextmanager
def _tables_of(migration):
    """Models of that migration, over today's rows under the names that they had then."""
    later = import_module("tfci.forges.migrations.0013_connections")
    renamed = [f"forges_linkedorg RENAME COLUMN {new} TO {old}" for old, new in later.TIMES.items()]
    with database.cursor() as cursor:
        for change in ("forges_connection RENAME TO forges_linkedorg", *renamed):
            cursor.execute(f"ALTER TABLE {change}")
        yield MigrationLoader(None).project_state(("forges", migration)).apps
        for old, new in later.TIMES.items():
            cursor.execute(f"ALTER TABLE forges_linkedorg RENAME COLUMN {old} TO {new}")
        cursor.execute("ALTER TABLE forges_linkedorg RENAME TO forges_connection")


def test_links_from_before_get_the_one_spelling_and_the_oldest_comes_first():
    migration = import_module("tfci.forges.migrations.0012_one_spelling")
    spelled = [
        "http://127.0.0.1.:3000",
        "http://127.0.0.1:03000/",
        "https://GIT.example.org:443",
        "no address",
    ]
    first, second, alone, odd = (a_connection(name="acme", url=url) for url in spelled)
    taken, late = (
        a_connection(name="b", url="https://a.example"),
        a_connection(name="b", url="https://a.example."),
    )
    gone = a_connection(name="acme", url="http://127.0.0.1.:3000", disconnected_at=NOON)
    with _tables_of("0012_one_spelling") as apps:
        migration.respell(apps, None)
    urls = dict(Connection.objects.values_list("pk", "url"))
    assert [urls[connection.pk] for connection in (first, second)] == [
        "http://127.0.0.1:3000",
        "http://127.0.0.1:03000/",
    ]
    assert (urls[alone.pk], urls[odd.pk]) == ("https://git.example.org", "no address")
    assert (urls[taken.pk], urls[late.pk]) == ("https://a.example", "https://a.example.")
    assert urls[gone.pk] == "http://127.0.0.1.:3000"
