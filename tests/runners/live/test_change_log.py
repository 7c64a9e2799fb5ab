"""Each change that a page shows leaves a hint, whoever writes it; what no page shows leaves none."""

import re
import threading
from datetime import timedelta

import pytest
from django.db import connection as database, connections as databases, transaction

from billing import ledger
from runners.live import change_log
from runners.models import VM, Event, Job, Pool, Runner
from runners.tasks import upkeep
from tests.builders import NOON, a_connection, a_job, a_pool, a_problem, a_runner, a_vm, a_wallet
from tfci.core.reasons import Other, columns
from tfci.core.tft import Tft
from tfci.forges.models import Connection

pytestmark = pytest.mark.django_db(transaction=True)

# Columns whose change no page need hear of at once: keys, schedules, secrets, and what others say with it.
QUIET = {
    Job: {
        "connection_id", "forge_job_id", "attempt", "forge_attempt", "run_id", "repository", "name", "branch",
        "sha", "url", "sender", "event", "labels", "label_key", "handle", "discovered_at", "discovered_by",
        "first_webhook_at", "read_at", "offers", "ours", "next_end_attempt_at", "end_requested_at",
    },
    VM: {
        "wallet_id", "cpu", "memory_gb", "disk_gb", "state_changed_at", "next_step_at", "leased_until", "created_at",
        "failed_nodes", "ordered_at", "contract_ids", "addresses", "agent_digest", "agent_address", "engines", "tail",
        "protection", "scope", "image", "boot_log", "server_id", "retry_at", "claim_refused_at",
        "retire_params", "refusal_params", "boot_image", "own_twin_id",
    },
    Runner: {
        "vm_id", "connection_id", "labels", "label_key", "asked_for_id", "bound_at", "tried_at", "forge_runner_id",
        "credential", "done_cause", "done_said", "exit_code",
        "tail", "mean_cpu", "peak_cpu", "peak_memory", "peak_disk",
        "received", "sent",
    },
    Pool: {"decided_at", "created_at", "schedule", "end_jobs_at_limit"},
    Connection: {
        "forge", "level", "url", "runner_url", "authority", "runner_group", "token",
        "version", "login", "address", "hook_secret", "hook_id", "signpost_id",
        "may_write", "signpost_credential", "signpost_labels", "signpost_at", "connected_at", "check_findings",
        "token_ends_at", "last_swept_at", "deliveries_read_at", "last_polled_at", "next_poll_at", "last_activity_at",
        "installation_id", "expiry_warned_at", "silent_since", "retry_at",
    },
}  # fmt: skip


@pytest.fixture
def told():
    """told() -> what has been hinted since the last call, as one set of topics by team."""
    mark, _ = change_log.read(None)

    def look():
        nonlocal mark
        mark, found = change_log.read(mark)
        return found

    return look


def test_a_job_that_comes_and_goes_on_is_told(told):
    connection = a_connection()
    told()
    job = a_job(connection)
    assert told() == {connection.team_id: {"jobs", f"job:{job.pk}"}}
    Job.objects.update(state="completed", conclusion="success")
    assert told() == {connection.team_id: {"jobs", f"job:{job.pk}"}}


def test_a_vm_that_moves_tells_its_pool_too(told):
    vm = a_vm("booting")
    told()
    VM.objects.update(state="standby", reason="needs_job")
    assert told() == {vm.team_id: {"vms", f"vm:{vm.pk}", f"pool:{vm.pool_id}"}}


def test_a_beat_tells_only_who_looks_at_that_vm(told):
    vm = a_vm()
    told()
    VM.objects.update(last_heartbeat_at=NOON + timedelta(seconds=10))
    assert told() == {vm.team_id: {f"vm:{vm.pk}"}}


def test_a_lease_a_reading_and_a_poll_tell_nobody(told):
    vm = a_vm()
    a_job(vm.pool.connections.get())
    told()
    VM.objects.update(leased_until=NOON + timedelta(seconds=9), next_step_at=NOON + timedelta(seconds=9))
    Job.objects.update(read_at=NOON + timedelta(seconds=1))
    Connection.objects.update(last_polled_at=NOON, next_poll_at=NOON + timedelta(seconds=1))
    Pool.objects.update(decided_at=NOON)
    assert told() == {}


def test_an_update_that_changes_nothing_tells_nobody(told):
    vm = a_vm()
    told()
    VM.objects.update(state=vm.state, reason=vm.reason)
    assert told() == {}


def test_a_runner_tells_of_its_vm_and_of_its_jobs(told):
    vm = a_vm()
    runner = a_runner(vm)
    told()
    Runner.objects.update(started_at=NOON)
    assert told() == {vm.team_id: {f"vm:{vm.pk}", f"job:{runner.asked_for_id}"}}


def test_money_events_pools_and_links_are_told(told):
    pool = a_pool()
    connection, wallet = pool.connections.get(), a_wallet(pool.team)
    told()
    ledger.charge(wallet, "vm:1:job:5:1", Tft(7), NOON, use="job", vm_id=1, job_id=5, pool_id=pool.pk)
    assert told() == {pool.team_id: {"money", "vm:1", "job:5", f"pool:{pool.pk}"}}
    Event.objects.create(team=pool.team, pool=pool, **columns(Other("wanted 3")), at=NOON)
    assert told() == {pool.team_id: {f"pool:{pool.pk}"}}
    Pool.objects.update(max_vms=3)
    assert told() == {pool.team_id: {"pools", f"pool:{pool.pk}"}}
    Connection.objects.update(problems=a_problem("its token has ended"))
    assert told() == {pool.team_id: {"connections", f"connection:{connection.pk}"}}


def test_a_vm_of_nobody_tells_nobody(told):
    VM.objects.filter(pk=a_vm().pk).update(team=None, pool=None)
    told()
    VM.objects.update(reason="needs_node")
    assert told() == {}


def test_what_was_rolled_back_never_was(told):
    connection = a_connection()
    told()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        a_job(connection)
        raise ZeroDivisionError
    assert told() == {}


def test_one_who_began_before_a_look_and_commits_after_it_is_not_missed(told):
    """An id or a time would be passed over: the later transaction commits first."""
    connection, wrote, look = a_connection(), threading.Event(), threading.Event()
    told()

    def slowly():
        with transaction.atomic():
            a_job(connection)
            wrote.set()
            look.wait(10)
        databases.close_all()

    slow = threading.Thread(target=slowly)
    slow.start()
    assert wrote.wait(10)
    quick = a_job(connection)
    assert told() == {connection.team_id: {"jobs", f"job:{quick.pk}"}}
    look.set()
    slow.join(10)
    [topics] = told().values()
    assert topics == {"jobs", f"job:{Job.objects.exclude(pk=quick.pk).get().pk}"}
    assert told() == {}


def test_old_hints_are_forgotten_and_new_ones_kept(told):
    a_job()
    with database.cursor() as cursor:
        cursor.execute("UPDATE runners_hint SET at = now() - interval '2 minutes'")
    kept = a_job()
    change_log.delete_old()
    with database.cursor() as cursor:
        cursor.execute("SELECT DISTINCT team_id FROM runners_hint WHERE topics LIKE 'jobs %%'")
        assert cursor.fetchall() == [(kept.team_id,)]


@pytest.mark.parametrize("model", QUIET, ids=lambda model: model.__name__)
def test_every_column_is_hinted_or_known_to_be_quiet(model):
    """A new column must be thought of: a trigger names it (in a new migration), or it is quiet."""
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(pg_get_triggerdef(oid), ' ') FROM pg_trigger"
            " WHERE tgrelid = %s::regclass AND NOT tgisinternal",
            [model._meta.db_table],
        )
        hinted = set(re.findall(r'new\."?(\w+)', cursor.fetchone()[0]))
    columns = {field.column for field in model._meta.concrete_fields} - {"id", "team_id"}
    assert columns - hinted <= QUIET[model]


def test_hints_that_no_open_page_read_are_tidied_away():
    a_job()
    with database.cursor() as cursor:
        cursor.execute("UPDATE runners_hint SET at = now() - interval '2 minutes'")
        upkeep.tidy()
        cursor.execute("SELECT count(*) FROM runners_hint")
        assert cursor.fetchone() == (0,)
