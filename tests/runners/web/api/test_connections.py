"""Organisations by API, against the practice forge over real sockets."""

from datetime import timedelta

import pytest
from django.utils import timezone

from runners.models import Job
from tests.builders import NOON, a_connection, a_job, a_pool, a_problem
from tests.practice.forge.harness import LINK
from tests.tls import Authority
from tfci.accounts.models import AuditEntry
from tfci.core.secret import Secret
from tfci.forges.models import Connection

pytestmark = pytest.mark.django_db
FIELDS = {
    *(
        "id",
        "forge",
        "level",
        "url",
        "name",
        "way",
        "version",
        "login",
        "runner_group",
        "problems",
        "findings",
        "connected_at",
        "checked_at",
        "last_webhook_at",
    ),
    *("last_polled_at", "contact", "silent_since", "retry_at", "disconnecting_at", "disconnected_at"),
}


def linking(place, **said):
    return {"forge": "gitea", "url": place.forge.url, "name": place.org, "token": place.token} | said


def hooks(place):
    return place.get(f"/orgs/{place.org}/hooks").json


def test_an_organisation_is_linked(writer, place):
    answer = writer.post("/connections", **linking(place))
    assert answer.status == 201, answer.said
    connection = Connection.objects.get(pk=answer.said["id"])
    assert answer.said.keys() == FIELDS
    assert (answer.said["login"], answer.said["way"], answer.said["problems"]) == (place.owner, "webhook", [])
    assert [hook["config"]["url"].rpartition("/")[2] for hook in hooks(place)] == [connection.address]
    assert (
        writer.get(f"/connections/{connection.pk}").said == answer.said == writer.get("/connections").items[0]
    )


def test_no_secret_is_ever_shown(writer, place):
    text = str(writer.post("/connections", **linking(place)).said)
    connection = Connection.objects.get()
    for secret in (place.token, connection.address, connection.hook_secret.reveal()):
        assert secret not in text


def test_polling_only_makes_no_webhook(writer, place):
    assert writer.post("/connections", **linking(place, way="poll")).said["way"] == "poll"
    assert hooks(place) == []


def test_linking_stands_in_the_audit_log_as_the_tokens_deed(writer, place):
    writer.post("/connections", **linking(place))
    entry = AuditEntry.objects.get(what="connections.change")
    assert entry.who == str(writer.token)


def test_what_the_token_lacks_is_told_in_sentences(writer, place):
    weak = place.forge.token(place.owner, *[scope for scope in LINK if scope != "read:repository"])
    assert "read:repository" in writer.post("/connections", **linking(place, token=weak)).problem(422)
    assert not Connection.objects.exists()


@pytest.mark.parametrize(
    "said, sentence",
    [
        ({"url": "http://10.0.0.1"}, "private address"),
        ({"token": "wrong"}, "token"),
        ({"name": "nobody"}, "find the organization nobody"),
    ],
)
def test_what_is_wrong_with_a_link_is_told(writer, place, said, sentence):
    assert sentence in writer.post("/connections", **linking(place, **said)).problem(422)


@pytest.mark.parametrize(
    "url, sentence",
    [
        ("git.example.org", "must start with https://"),
        ("https://user:pw@git.example.org", "the token has its own field"),
        ("https://git.example.org/?page=1", "end before any ? or #"),
        ("http://xn--a", "not a web address"),
    ],
)
def test_what_is_no_address_is_told(writer, url, sentence, settings):
    settings.PRACTICE_FORGE = "http://127.0.0.1:1"
    assert sentence in writer.post("/connections", forge="gitea", url=url, name="acme", token="t").problem(
        422
    )


def test_a_forge_that_can_not_be_reached_is_not_our_fault(writer, place, settings):
    settings.ALLOWED_FORGE_ORIGINS = ["http://127.0.0.1:9"]
    assert writer.post("/connections", **linking(place, url="http://127.0.0.1:9")).problem(502)


def test_an_organisation_is_linked_once(writer, other, place):
    assert writer.post("/connections", **linking(place)).status == 201
    assert "already connected" in other.post("/connections", **linking(place)).problem(422)


@pytest.mark.parametrize("field", ["forge", "url", "name", "token"])
def test_each_field_of_a_link_must_be_said(writer, field):
    said = {"forge": "gitea", "url": "https://git.example.org", "name": "acme", "token": "t"}
    for missing in ({name: value for name, value in said.items() if name != field}, said | {field: ""}):
        answer = writer.post("/connections", **missing)
        answer.problem(422)
        assert list(answer.said["errors"]) == [field]


def test_an_unknown_forge_is_refused(writer):
    answer = writer.post(
        "/connections", forge="sourcehut", url="https://git.example.org", name="acme", token="t"
    )
    assert "sourcehut" in answer.problem(422)


def test_a_new_token_takes_the_place_of_the_old(writer, place):
    pk = writer.post("/connections", **linking(place)).said["id"]
    fresh = place.forge.token(place.owner, *LINK)
    assert writer.patch(f"/connections/{pk}", token=fresh).status == 200
    assert Connection.objects.get().token == Secret(fresh)


def test_a_token_that_does_not_do_changes_nothing(writer, place):
    pk = writer.post("/connections", **linking(place)).said["id"]
    assert writer.patch(f"/connections/{pk}", token="wrong").problem(422)
    assert Connection.objects.get().token == Secret(place.token)


def test_the_way_of_hearing_is_changed(writer, place):
    pk = writer.post("/connections", **linking(place)).said["id"]
    assert writer.patch(f"/connections/{pk}", way="poll").said["way"] == "poll"
    assert hooks(place) == []
    assert writer.patch(f"/connections/{pk}", way="webhook").said["way"] == "webhook"
    assert len(hooks(place)) == 1


def test_a_check_mends_a_webhook_that_is_gone(writer, place):
    pk = writer.post("/connections", **linking(place)).said["id"]
    place.forge.api("DELETE", f"/orgs/{place.org}/hooks/{hooks(place)[0]['id']}", token=place.token)
    assert writer.post(f"/connections/{pk}/check").said["problems"] == []
    assert len(hooks(place)) == 1


def test_a_check_says_what_is_to_be_mended(writer, place):
    pk = writer.post("/connections", **linking(place)).said["id"]
    place.forge.control("DELETE", "/tokens", {"token": place.token})
    [problem] = writer.post(f"/connections/{pk}/check").said["problems"]
    assert problem["code"] == "token_unknown"


def test_unlinking_begins_at_once_and_twice_is_no_error(writer, team):
    connection = a_connection(team)
    first = writer.delete(f"/connections/{connection.pk}")
    assert (first.status, first.said["disconnecting_at"] is None) == (202, False)
    assert (
        writer.delete(f"/connections/{connection.pk}").said["disconnecting_at"]
        == first.said["disconnecting_at"]
    )
    assert AuditEntry.objects.filter(action="connection_ended").count() == 1


@pytest.mark.parametrize("method, path", [("PATCH", ""), ("POST", "/check")])
def test_an_organisation_that_is_being_unlinked_changes_no_more(writer, team, method, path):
    connection = a_connection(team, disconnecting_at=NOON)
    assert "being disconnected" in writer.call(
        method, f"/connections/{connection.pk}{path}", {"token": "t"}
    ).problem(409)


def test_what_is_unlinked_stands_in_no_list_but_can_be_read(writer, team):
    connection = a_connection(team, disconnected_at=NOON, disconnecting_at=NOON)
    assert writer.get("/connections").items == []
    assert writer.get(f"/connections/{connection.pk}").said["disconnected_at"] == "2026-06-01T12:00:00.000Z"


def test_the_pools_of_an_organisation_that_is_unlinked_stay_and_take_none_of_its_jobs(writer, team):
    connection = a_connection(team)
    pool = a_pool(team, [connection])
    job = a_job(connection, pool=pool)
    writer.delete(f"/connections/{connection.pk}")
    assert writer.get(f"/pools/{pool.pk}").said["connections"] == [connection.pk]
    assert Job.objects.get().pk == job.pk


def test_how_well_it_does_is_told_sign_by_sign(reader, team):
    connection = a_connection(team, problems=a_problem("Make a new token."))
    said = reader.get(f"/connections/{connection.pk}/health").said
    assert said["state"] == "error"
    [rights] = [sign for sign in said["signs"] if sign["subject"] == "rights"]
    assert (rights["severity"], rights["reason"]["code"]) == ("error", "forge_refused")
    assert rights["reason"]["text"] == "Make a new token."
    assert reader.get("/connections/0/health").problem(404)


def test_an_authority_and_a_runner_group_are_looked_at_first(writer, place):
    connection = writer.post("/connections", **linking(place)).said["id"]
    refused = writer.patch(f"/connections/{connection}", authority="hello")
    assert (refused.status, "not a certificate" in refused.said["detail"]) == (422, True)
    refused = writer.patch(f"/connections/{connection}", runner_group="public")
    assert (refused.status, "has no runner groups" in refused.said["detail"]) == (422, True)
    assert writer.patch(f"/connections/{connection}", authority=Authority().pem).status == 200
    assert "BEGIN CERTIFICATE" in Connection.objects.get(pk=connection).authority


def test_a_silent_forge_is_told_by_a_code_with_its_times(writer, place):
    pk = writer.post("/connections", **linking(place)).said["id"]
    since, again = NOON, timezone.now() + timedelta(minutes=5)
    Connection.objects.filter(pk=pk).update(silent_since=since, retry_at=again)
    said = writer.get(f"/connections/{pk}").said
    assert (said["contact"], said["silent_since"][:19]) == ("silent", since.isoformat()[:19])
    assert said["retry_at"][:19] == again.isoformat()[:19]
