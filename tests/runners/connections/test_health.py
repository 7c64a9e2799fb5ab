"""How well an organisation's jobs are heard of, sign by sign."""

from dataclasses import replace
from datetime import timedelta

import pytest

from runners.connections import health as connection_health
from runners.connections.health import Facts
from runners.jobs import ingest
from runners.models import Job, Orphan, Runner
from runners.vms import garbage_collection
from tests.builders import NOON, a_connection, a_job
from tests.worlds import FakeForge
from tfci.forges import health
from tfci.forges.facts import JobSeen, RunnerSeen
from tfci.forges.models import Connection, Delivery, ScaleSet, Tally

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WELL = {
    "hook_id": "3",
    "last_webhook_at": NOON,
    "last_polled_at": NOON,
    "checked_at": NOON,
    "last_swept_at": NOON,
    "signpost_at": NOON,
    "signpost_labels": ["small"],
}


def known(connection, now=NOON):
    """The facts of one organisation."""
    return connection_health.facts(
        connection_health.counted(Connection.objects.filter(pk=connection.pk), now), now
    )[connection.pk]


def signs(of=None, **fields):
    """Word -> sign, of an organisation that is well but for these fields."""
    connection = a_connection(**WELL | fields)
    found = connection_health.signs(connection, of or Facts(), NOON)
    return {sign.what: sign for sign in found} | {"word": connection_health.word(connection, found)}


def test_one_that_is_well_says_so_in_every_sign():
    found = signs()
    assert found.pop("word") == ("success", "Well")
    assert {sign.look for sign in found.values()} == {"success"}
    assert not any(sign.mend for sign in found.values())


@pytest.mark.parametrize(
    "fields, what, look, said",
    [
        ({"way": "poll"}, "Webhook", "waiting", "by choice"),
        ({"hook_id": ""}, "Webhook", "failure", "not made"),
        ({"last_webhook_at": None}, "Webhook", "queued", "none has come yet"),
        ({"last_polled_at": None}, "Polling", "queued", "not asked yet"),
        ({"last_polled_at": NOON - 6 * MINUTE}, "Polling", "failure", "no good answer since"),
        ({"limited_until": NOON + MINUTE}, "Polling", "queued", "wants fewer calls"),
        (
            {"silent_since": NOON - MINUTE, "retry_at": NOON + MINUTE},
            "Polling",
            "failure",
            "no answer for 1 min",
        ),
        ({"signpost_at": NOON - 2 * MINUTE}, "Signpost", "queued", "has not spoken"),
        ({"signpost_labels": []}, "Signpost", "waiting", "first job"),
        ({"last_swept_at": None}, "Runners", "waiting", "not compared"),
        ({"trouble": "Make a new token."}, "Rights there", "failure", "Make a new token."),
        ({"token_ends_at": NOON + 13 * 24 * HOUR}, "Token", "queued", "ends"),
        ({"token_ends_at": NOON + 15 * 24 * HOUR}, "Token", "success", "ends"),
    ],
)
def test_what_is_not_well_is_one_sign_with_what_to_do(fields, what, look, said):
    found = signs(**fields)
    assert (found[what].look, said in found[what].said) == (look, True)
    others = [
        sign for sign in found.values() if isinstance(sign, connection_health.Sign) and sign.what != what
    ]
    assert {sign.look for sign in others} == {"success"}
    if look == "failure":
        assert found["word"] == ("failure", "Needs you") and found[what].mend


def test_a_token_of_gitea_never_ends():
    assert "never" in signs()["Token"].said


def test_one_that_is_being_unlinked_needs_nobody():
    assert signs(disconnecting_at=NOON, trouble="x")["word"] == ("cancelled", "Unlinking")


def test_refused_deliveries_say_why_and_what_to_do():
    connection = a_connection(**WELL)
    for kind in (Tally.Kind.SIGNATURE, Tally.Kind.SIZE, Tally.Kind.UNREADABLE, Tally.Kind.DOUBLED):
        health.count(connection.address, kind, NOON, f"A sentence about {kind}.")
    found = connection_health.signs(connection, known(connection), NOON)
    refused = [sign for sign in found if sign.what == "Refused deliveries"]
    assert len(refused) == 3 and all(sign.mend and "A sentence about" in sign.said for sign in refused)
    doubled = next(sign for sign in found if sign.what == "Doubled deliveries")
    assert (doubled.look, doubled.mend) == ("success", "")


# Missed webhooks


def seen(job_id="7", status="queued"):
    return JobSeen(job_id, "1", "acme/app", "build", ("small",), status)


def missed(connection, later=5 * MINUTE):
    return known(connection, NOON + later).missed


def test_a_job_that_only_polling_told_of_was_missed_once_its_webhook_is_late():
    connection = a_connection(**WELL)
    ingest.observe(connection, seen(), NOON, asked_at=NOON)
    assert (missed(connection, MINUTE), missed(connection)) == (0, 1)


def test_a_webhook_that_comes_after_the_poll_was_not_missed():
    connection = a_connection(**WELL)
    ingest.observe(connection, seen(), NOON, asked_at=NOON)
    ingest.observe(connection, seen(status="in_progress"), NOON + MINUTE)
    assert missed(connection) == 0
    assert Job.objects.get().first_webhook_at == NOON + MINUTE


def test_a_job_that_a_webhook_told_of_was_not_missed_and_costs_no_other_write():
    connection = a_connection(**WELL)
    ingest.observe(connection, seen(), NOON)
    ingest.observe(connection, seen(), NOON, asked_at=NOON)
    assert missed(connection) == 0
    assert Job.objects.get().first_webhook_at is None


@pytest.mark.parametrize("fields", [{"way": "poll"}, {"hook_id": ""}])
def test_where_no_webhook_should_come_none_is_missed(fields):
    connection = a_connection(**WELL | fields)
    a_job(connection, discovered_by="poll")
    assert missed(connection) == 0


def test_webhooks_that_stopped_are_worse_than_one_that_was_lost():
    lost = Facts(missed=1, missed_at=NOON - HOUR)
    assert signs(lost)["Missed webhooks"].look == "queued"
    stopped = signs(replace(lost, missed=2, missed_at=NOON + MINUTE))
    assert (stopped["Missed webhooks"].look, stopped["word"][1]) == ("failure", "Needs you")
    assert "2 jobs were found by polling" in stopped["Missed webhooks"].said


# Scale sets


def scale_sets(now=NOON, **fields):
    """The sign of an organisation of GitHub with one."""
    connection = a_connection(forge="github", **WELL)
    row = {"label": "small", "due_at": NOON, "leased_until": NOON, "answered_at": NOON, **fields}
    ScaleSet.objects.create(connection=connection, **row)
    return next(
        sign
        for sign in connection_health.signs(connection, known(connection, now), now)
        if sign.what == "Scale sets"
    )


@pytest.mark.parametrize(
    "fields, look, said",
    [
        ({}, "success", "listens for small; none has come yet"),
        ({"last_message_at": NOON}, "success", "the last message came"),
        ({"answered_at": NOON - 4 * MINUTE}, "queued", "nobody listens to all of small"),
        ({"answered_at": None}, "queued", "nobody listens"),
        (
            {"trouble": "Another listener has it."},
            "queued",
            "of “small”: Another listener has it; it answered",
        ),
        ({"wanted": False}, "waiting", "no pool serves a named size"),
    ],
)
def test_scale_sets_say_whether_somebody_listens(settings, fields, look, said):
    settings.SCALE_SETS = True
    sign = scale_sets(**fields)
    assert sign.look == look and said in sign.said
    assert bool(sign.mend) == (look == "queued")


def test_scale_sets_are_no_word_where_they_are_off_or_unknown(settings):
    assert "Scale sets" not in signs(forge="github")
    settings.SCALE_SETS = True
    assert "Scale sets" in signs(forge="github") and "Scale sets" not in signs(forge="gitea")


# Orphans


def test_a_runner_without_a_machine_is_taken_away_and_told():
    connection = a_connection(**WELL)
    forge = FakeForge()
    name = f"{Runner.prefix()}7-8"
    forge.have["1"] = RunnerSeen("1", name, True, False, True)
    garbage_collection.runners(connection, forge, NOON)
    assert (Orphan.objects.get().name, Orphan.objects.get().connection) == (name, connection)
    sign = connection_health.signs(connection, known(connection), NOON)[-3]
    assert (sign.what, sign.look) == ("Runners", "queued") and sign.said.startswith("1 without a machine")


def test_a_look_that_finds_nothing_is_noted_too():
    connection = a_connection(last_swept_at=None)
    garbage_collection.runners(connection, FakeForge(), NOON)
    assert Connection.objects.get().last_swept_at == NOON
    assert not Orphan.objects.exists()


def test_facts_of_many_cost_as_much_as_of_one(django_assert_num_queries):
    for _ in range(5):
        a_connection(**WELL)
    with django_assert_num_queries(2):
        assert (
            len(connection_health.facts(connection_health.counted(Connection.objects.all(), NOON), NOON)) == 5
        )


def test_what_is_a_day_old_is_told_and_needs_nobody_any_more():
    old = NOON - timedelta(days=2)
    tally = Tally(kind=Tally.Kind.SIGNATURE, count=3, at=old, said="The signature is wrong.")
    found = signs(Facts({"signature": tally}, missed=1, missed_at=old, orphans=1, orphan_at=old))
    assert found["word"] == ("success", "Well")
    assert "3 in 7 days" in found["Refused deliveries"].said
    assert "1 job was found by polling" in found["Missed webhooks"].said


@pytest.mark.parametrize(
    "count, said",
    [(0, "0 deliveries in 7 days, "), (1, "1 delivery in 7 days, "), (4, "more than 3 deliveries")],
)
def test_how_many_deliveries_were_taken_is_told_as_far_as_they_are_counted(monkeypatch, count, said):
    monkeypatch.setattr(connection_health, "COUNTED", 3)
    connection = a_connection(**WELL)
    for number in range(count):
        Delivery.objects.create(
            connection=connection, delivery_id=str(number), event="push", received_at=NOON
        )
    found = connection_health.signs(connection, known(connection), NOON)
    assert next(sign.said for sign in found if sign.what == "Webhook").startswith(said)
