"""How well an organisation's jobs are heard of, sign by sign."""

from dataclasses import replace
from datetime import timedelta

import pytest

from runners.connections import health, health_facts
from runners.connections.health import HealthState
from runners.connections.health_facts import HealthFacts, counted
from runners.jobs import ingest
from runners.models import Job, Orphan, Runner
from runners.reasons.connections import ConnectionCode, OrphansRemoved, Subject
from runners.reasons.deliveries import (
    DeliveryCode,
    NoScaleSets,
    ScaleSetFailed,
    ScaleSetsHeard,
    ScaleSetsUnheard,
    WebhookReceived,
    WebhooksMissed,
    WebhooksStopped,
)
from runners.vms import garbage_collection
from tests.builders import NOON, a_connection, a_job, a_problem
from tests.people import client_of
from tests.runners.web.api.scripts import Script
from tests.worlds import FakeForge
from tfci.core.reasons import columns
from tfci.forges import health as tallies
from tfci.forges.facts import JobSeen, RunnerSeen
from tfci.forges.models import Connection, Delivery, ScaleSet, Tally
from tfci.forges.problems import ProblemCode, ScaleSetTaken

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


def assessed(connection, now=NOON):
    """Its health, with what is counted beside the row."""
    [found] = health.assess(counted(Connection.objects.filter(pk=connection.pk), now), now)
    return found


def signs(of=None, **fields):
    """Subject -> sign, of a connection that is well but for these fields."""
    return {sign.subject: sign for sign in state(of, **fields).signs}


def state(of=None, **fields):
    connection, facts = a_connection(**WELL | fields), of or HealthFacts()
    return health.Health(connection, facts, tuple(health.signs(connection, facts, NOON)))


def test_one_that_is_well_says_so_in_every_sign():
    found = state()
    assert (found.state, found.faults) == (HealthState.OK, [])
    assert {sign.look for sign in found.signs} == {"success"}
    assert not any(sign.reason.advice for sign in found.signs)


@pytest.mark.parametrize(
    "fields, subject, code, look",
    [
        ({"way": "poll"}, Subject.WEBHOOK, DeliveryCode.POLLING_ONLY, "waiting"),
        ({"hook_id": ""}, Subject.WEBHOOK, DeliveryCode.WEBHOOK_NOT_CREATED, "failure"),
        ({"last_webhook_at": None}, Subject.WEBHOOK, DeliveryCode.WEBHOOK_NEVER_RECEIVED, "queued"),
        ({"last_polled_at": None}, Subject.POLLING, ConnectionCode.NEVER_POLLED, "queued"),
        ({"last_polled_at": NOON - 6 * MINUTE}, Subject.POLLING, ConnectionCode.POLLING_LATE, "failure"),
        ({"limited_until": NOON + MINUTE}, Subject.POLLING, ConnectionCode.POLLING_LIMITED, "queued"),
        (
            {"silent_since": NOON - MINUTE, "retry_at": NOON + MINUTE},
            Subject.POLLING,
            ConnectionCode.FORGE_SILENT,
            "failure",
        ),
        ({"signpost_at": NOON - 2 * MINUTE}, Subject.SIGNPOST, ConnectionCode.SIGNPOST_LATE, "queued"),
        ({"signpost_labels": []}, Subject.SIGNPOST, ConnectionCode.NO_SIGNPOST_YET, "waiting"),
        ({"last_swept_at": None}, Subject.RUNNERS, ConnectionCode.RUNNERS_NOT_COMPARED, "waiting"),
        ({"problems": a_problem("Renew it.")}, Subject.RIGHTS, ProblemCode.FORGE_REFUSED, "failure"),
        (
            {"token_ends_at": NOON + 13 * 24 * HOUR},
            Subject.TOKEN,
            ConnectionCode.TOKEN_EXPIRES_SOON,
            "queued",
        ),
        ({"token_ends_at": NOON + 15 * 24 * HOUR}, Subject.TOKEN, ConnectionCode.TOKEN_EXPIRES, "success"),
    ],
)
def test_what_is_not_well_is_one_sign_with_what_to_do(fields, subject, code, look):
    found = state(**fields)
    [sign] = [sign for sign in found.signs if sign.subject == subject]
    assert (sign.reason.code, sign.look) == (code, look)
    assert {sign.look for sign in found.signs if sign.subject != subject} == {"success"}
    worst = {"failure": HealthState.ERROR, "queued": HealthState.WARNING}.get(look, HealthState.OK)
    assert found.state == worst
    assert found.faults == ([] if worst == HealthState.OK else [sign])


def test_a_sentence_of_before_there_were_codes_still_needs_somebody():
    found = state(problems=[{"code": "other", "params": {"text": "Make a new token."}}])
    assert found.state == HealthState.ERROR
    assert [(sign.look, str(sign.reason)) for sign in found.faults] == [("failure", "Make a new token.")]


def test_a_token_of_gitea_never_ends():
    assert signs()[Subject.TOKEN].reason.code == ConnectionCode.TOKEN_PERMANENT


def test_one_that_is_being_unlinked_needs_nobody():
    found = state(disconnecting_at=NOON, problems=a_problem("x"))
    assert (found.state, found.faults) == (HealthState.DISCONNECTING, [])


def test_refused_deliveries_say_why_and_what_to_do():
    connection = a_connection(**WELL)
    for kind in (Tally.Kind.SIGNATURE, Tally.Kind.SIZE, Tally.Kind.UNREADABLE, Tally.Kind.DOUBLED):
        tallies.count(connection.address, kind, NOON, f"A sentence about {kind}.")
    found = assessed(connection).signs
    refused = [sign.reason for sign in found if sign.subject == Subject.REFUSED_DELIVERIES]
    assert {reason.code for reason in refused} == {
        DeliveryCode.SIGNATURES_WRONG,
        DeliveryCode.DELIVERIES_TOO_LARGE,
        DeliveryCode.DELIVERIES_UNREADABLE,
    }
    assert all(reason.advice and reason.answer.startswith("A sentence about") for reason in refused)
    doubled = next(sign for sign in found if sign.subject == Subject.DOUBLED_DELIVERIES)
    assert (doubled.look, doubled.reason.advice) == ("success", "")


# Missed webhooks


def seen(job_id="7", status="queued"):
    return JobSeen(job_id, "1", "acme/app", "build", ("small",), status)


def missed(connection, later=5 * MINUTE):
    return assessed(connection, NOON + later).facts.missed


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
    lost = HealthFacts(missed=1, missed_at=NOON - HOUR)
    assert signs(lost)[Subject.MISSED_WEBHOOKS].reason == WebhooksMissed(1)
    stopped = state(replace(lost, missed=2, missed_at=NOON + MINUTE))
    assert [sign.reason for sign in stopped.faults] == [WebhooksStopped(2)]
    assert stopped.state == HealthState.ERROR


# Scale sets


def scale_sets(now=NOON, **fields):
    """The sign of an organisation of GitHub with one."""
    connection = a_connection(forge="github", **WELL)
    row = {"label": "small", "due_at": NOON, "leased_until": NOON, "answered_at": NOON, **fields}
    ScaleSet.objects.create(connection=connection, **row)
    return next(sign for sign in assessed(connection, now).signs if sign.subject == Subject.SCALE_SETS)


@pytest.mark.parametrize(
    "fields, look, reason",
    [
        ({}, "success", ScaleSetsHeard(("small",), messages=False)),
        ({"last_message_at": NOON}, "success", ScaleSetsHeard(("small",), messages=True)),
        ({"answered_at": NOON - 4 * MINUTE}, "queued", ScaleSetsUnheard(("small",))),
        ({"answered_at": None}, "queued", ScaleSetsUnheard(("small",))),
        (
            columns(ScaleSetTaken("Another has it."), "problem"),
            "queued",
            ScaleSetFailed("small", "Another has it.", True),
        ),
        ({"wanted": False}, "waiting", NoScaleSets()),
    ],
)
def test_scale_sets_say_whether_somebody_listens(settings, fields, look, reason):
    settings.SCALE_SETS = True
    sign = scale_sets(**fields)
    assert (sign.look, sign.reason) == (look, reason)
    assert bool(sign.reason.advice) == (look == "queued")


def test_scale_sets_are_no_word_where_they_are_off_or_unknown(settings):
    assert Subject.SCALE_SETS not in signs(forge="github")
    settings.SCALE_SETS = True
    assert Subject.SCALE_SETS in signs(forge="github") and Subject.SCALE_SETS not in signs(forge="gitea")


# Orphans


def test_a_runner_without_a_vm_is_taken_away_and_told():
    connection = a_connection(**WELL)
    forge = FakeForge()
    name = f"{Runner.prefix()}7-8"
    forge.have["1"] = RunnerSeen("1", name, True, False, True)
    garbage_collection.runners(connection, forge, NOON)
    assert (Orphan.objects.get().name, Orphan.objects.get().connection) == (name, connection)
    [sign] = [sign for sign in assessed(connection).signs if sign.subject == Subject.RUNNERS]
    assert (sign.look, sign.reason) == ("queued", OrphansRemoved(1))


def test_a_look_that_finds_nothing_is_noted_too():
    connection = a_connection(last_swept_at=None)
    garbage_collection.runners(connection, FakeForge(), NOON)
    assert Connection.objects.get().last_swept_at == NOON
    assert not Orphan.objects.exists()


def test_facts_of_many_cost_as_much_as_of_one(django_assert_num_queries):
    for _ in range(5):
        a_connection(**WELL)
    with django_assert_num_queries(2):
        assert len(health.assess(counted(Connection.objects.all(), NOON), NOON)) == 5


def test_what_is_a_day_old_is_told_and_needs_nobody_any_more():
    old = NOON - timedelta(days=2)
    tally = Tally(kind=Tally.Kind.SIGNATURE, count=3, at=old, said="The signature is wrong.")
    found = state(HealthFacts({"signature": tally}, missed=1, missed_at=old, orphans=1, orphan_at=old))
    assert (found.state, found.faults) == (HealthState.OK, [])
    reasons = {sign.subject: sign.reason for sign in found.signs}
    assert reasons[Subject.REFUSED_DELIVERIES].code == DeliveryCode.DELIVERIES_REFUSED_EARLIER
    assert reasons[Subject.MISSED_WEBHOOKS].code == DeliveryCode.WEBHOOKS_MISSED_EARLIER
    assert reasons[Subject.RUNNERS].code == ConnectionCode.ORPHANS_REMOVED_EARLIER


@pytest.mark.parametrize("count, received", [(0, (0, False)), (1, (1, False)), (4, (3, True))])
def test_how_many_deliveries_were_taken_is_told_as_far_as_they_are_counted(monkeypatch, count, received):
    monkeypatch.setattr(health_facts, "COUNTED", 3)
    monkeypatch.setattr(health, "COUNTED", 3)
    connection = a_connection(**WELL)
    for number in range(count):
        Delivery.objects.create(
            connection=connection, delivery_id=str(number), event="push", received_at=NOON
        )
    [sign] = [sign for sign in assessed(connection).signs if sign.subject == Subject.WEBHOOK]
    assert sign.reason == WebhookReceived(*received)


# One answer


@pytest.mark.parametrize(
    "fields, expected",
    [
        ({}, HealthState.OK),
        ({"problems": a_problem("Renew it.")}, HealthState.ERROR),
        (
            {"last_polled_at": NOON - timedelta(days=1), "silent_since": NOON - timedelta(days=1)},
            HealthState.ERROR,
        ),
        ({"last_polled_at": NOON - timedelta(days=1)}, HealthState.ERROR),
        ({"last_polled_at": None}, HealthState.WARNING),
        ({"limited_until": NOON + timedelta(days=365 * 100)}, HealthState.WARNING),
        ({"hook_id": ""}, HealthState.ERROR),
        ({"token_ends_at": NOON - HOUR}, HealthState.WARNING),
        ({"disconnecting_at": NOON}, HealthState.DISCONNECTING),
    ],
)
def test_pages_api_and_operator_say_the_same_of_it(fields, expected, time_machine):
    time_machine.move_to(NOON, tick=False)
    connection = a_connection(**WELL | fields)
    team = connection.team
    owner, operator = client_of("owner", team), client_of("operator", team)
    look, word = health.CHIPS[expected]
    chip = f'<span class="chip is-{look}">{word}</span>'
    for page in (
        owner.get(f"/t/{team.slug}/?skip"),
        owner.get(f"/t/{team.slug}/connections/"),
        owner.get(f"/t/{team.slug}/connections/{connection.pk}/"),
        operator.get("/operator/connections/"),
        operator.get(f"/operator/teams/{team.slug}/"),
    ):
        assert page.status_code == 200 and chip in page.text, page.request["PATH_INFO"]
    script = Script(team)
    assert script.get(f"/connections/{connection.pk}/health").said["state"] == expected
