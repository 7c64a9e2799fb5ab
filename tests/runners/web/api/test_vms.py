"""VMs by API: read them, and retire one that runs no job."""

from datetime import timedelta

import pytest
import time_machine

from billing import ledger
from runners.metering import charges
from runners.models import VM, Event, Refresh
from runners.reasons.refusals import VmRunsJob
from runners.reasons.retirements import RetiredBy
from runners.reasons.vms import NeedsJob
from runners.web.api.schemas import reason_shown
from runners.web.views.vms import whole
from tests.builders import NOON, a_job, a_pool, a_runner, a_server, a_serving_vm, a_vm
from tfci.accounts.models import AuditEntry
from tfci.core.reasons import Other, columns
from tfci.core.tft import Tft

pytestmark = pytest.mark.django_db


@pytest.fixture
def pool(team):
    return a_pool(team)


def test_a_vm_has_its_state_events_and_cost(reader, pool):
    vm = a_vm("standby", pool, reason="needs_job", addresses={"mycelium": "400::1"})
    Event.objects.create(
        team=pool.team, vm=vm, pool=pool, was="booting", now="standby", **columns(Other("claimed")), at=NOON
    )
    ledger.charge(vm.wallet, "k", Tft.parse("0.5"), NOON, use="boot", vm_id=vm.pk)
    with time_machine.travel(NOON + timedelta(minutes=30), tick=False):
        said = reader.get(f"/vms/{vm.pk}").said
        assert said == reader.get("/vms").items[0]
    event, price = said.pop("events")[0], said.pop("price")
    assert (price["per_hour"], price["discount"], price["fixed_at"]) == (
        "2.1250000",
        "0.0000000",
        "2026-06-01T12:00:00.000Z",
    )
    assert said == {
        "id": vm.pk,
        "state": "standby",
        "reason": reason_shown(NeedsJob()),
        "pool_id": pool.pk,
        "server_id": None,
        "job_id": None,
        "job_ids": [],
        "node_id": vm.node.node_id,
        "size": "2cpu8gbram50gbssd",
        "protection": "encrypted",
        "refreshes": 0,
        "contract_ids": [1, 2],
        "addresses": {"mycelium": "400::1"},
        "cost": "1.0625000",
        "cost_so_far": True,
    }
    assert (event["was"], event["now"], event["reason"]["text"], event["at"]) == (
        "booting",
        "standby",
        "claimed",
        "2026-06-01T12:00:00.000Z",
    )


def test_its_cost_is_that_of_its_page_while_it_is_there_and_the_ledgers_once_it_is_gone(reader, pool):
    vm, gone = a_vm("busy", pool), a_vm("gone", pool)
    a_runner(
        vm, job := a_job(pool.connections.first(), "in_progress", pool=pool, vm=vm), job=job, bound_at=NOON
    )
    ledger.charge(gone.wallet, "k", Tft.parse("0.5"), NOON, use="boot", vm_id=gone.pk)
    at = NOON + timedelta(hours=1)
    with time_machine.travel(at, tick=False):
        charges.settle(vm, at - timedelta(minutes=4))
        shown = {item["id"]: (item["cost"], item["cost_so_far"]) for item in reader.get("/vms").items}
        assert shown == {vm.pk: ("2.1250000", True), gone.pk: ("0.5000000", False)}
        assert Tft.parse(shown[vm.pk][0]) == whole(VM.objects.get(pk=vm.pk), at)["cost"]


def test_a_vm_says_which_jobs_it_ran_and_which_it_runs(reader, pool):
    vm = a_vm("busy", pool)
    first, second = (a_job(pool.connections.first(), pool=pool, vm=vm) for _ in range(2))
    a_runner(vm, first, job=first, deregistered_at=NOON)
    a_runner(vm, second, job=second)
    said = reader.get(f"/vms/{vm.pk}").said
    assert (said["pool_id"], said["job_id"], said["job_ids"]) == (pool.pk, second.pk, [first.pk, second.pk])


def test_a_vm_of_a_server_says_so(reader, team):
    vm = a_serving_vm(a_server(team))
    said = reader.get(f"/vms/{vm.pk}").said
    assert (said["pool_id"], said["server_id"]) == (None, vm.server_id)


def test_its_events_stand_in_the_order_in_which_they_came(reader, pool):
    vm = a_vm("standby", pool)
    for why in ("first", "second"):
        Event.objects.create(team=pool.team, vm=vm, **columns(Other(why)), at=NOON)
    assert [event["reason"]["text"] for event in reader.get(f"/vms/{vm.pk}").said["events"]] == [
        "first",
        "second",
    ]


def test_a_vm_that_is_wanted_has_no_node_yet(reader, pool):
    said = reader.get(f"/vms/{a_vm('wanted', pool).pk}").said
    assert (said["node_id"], said["contract_ids"], said["cost"]) == (None, [], "0.0000000")


def test_no_secret_is_ever_shown(reader, pool):
    vm = a_vm("standby", pool, tail="a log line")
    text = str(reader.get("/vms").said)
    for secret in (vm.bootstrap_token.reveal(), vm.agent_digest, "a log line"):
        assert secret not in text


def test_each_filter_keeps_the_vms_that_have_it(reader, team, pool):
    idle, busy = a_vm("standby", pool), a_vm("busy", pool)
    elsewhere = a_vm("standby", a_pool(team))
    assert reader.get("/vms", state="busy").ids == [busy.pk]
    assert reader.get("/vms", state=["busy", "standby"], pool=pool.pk).ids == [busy.pk, idle.pk]
    assert reader.get("/vms", node=elsewhere.node.node_id).ids == [elsewhere.pk]


@pytest.mark.parametrize("state", ["wanted", "deploying", "booting", "standby", "assigned"])
def test_a_vm_without_a_job_is_retired(writer, pool, state):
    vm = a_vm(state, pool)
    assert writer.delete(f"/vms/{vm.pk}").status == 202
    vm.refresh_from_db()
    assert vm.typed_retire_reason == RetiredBy(str(writer.token))
    assert AuditEntry.objects.get(what="vms.retire").who == str(writer.token)


def test_a_vm_that_runs_a_job_is_left_alone(writer, pool):
    vm = a_vm("busy", pool)
    assert str(VmRunsJob(vm.name)) in writer.delete(f"/vms/{vm.pk}").problem(409)
    assert VM.objects.get().retire_reason == ""


@pytest.mark.parametrize("state", ["removing", "gone"])
def test_a_vm_that_is_going_is_told_as_it_is(writer, pool, state):
    answer = writer.delete(f"/vms/{a_vm(state, pool).pk}")
    assert (answer.status, answer.said["state"]) == (202, state)
    assert not AuditEntry.objects.filter(what="vms.retire").exists()


def test_a_page_of_vms_costs_the_same_whatever_its_length(reader, pool, django_assert_max_num_queries):
    for _ in range(10):
        Event.objects.create(team=pool.team, vm=a_vm("standby", pool), **columns(Other("claimed")), at=NOON)
    reader.get("/vms")
    with django_assert_max_num_queries(6):  # the token, its use, VMs, events, runners, ledger
        assert len(reader.get("/vms").items) == 10


def test_it_says_how_it_is_protected_and_how_often_it_came_back(reader, pool):
    vm = a_vm("standby", pool, protection="ram")
    for minute in (1, 2):
        Refresh.objects.create(vm=vm, began_at=NOON, claimed_at=NOON + timedelta(minutes=minute))
    said = reader.get(f"/vms/{vm.pk}").said
    assert (said["protection"], said["refreshes"]) == ("ram", 2)
