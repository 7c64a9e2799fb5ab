"""Servers: deployed, kept up, paid for, and gone."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from billing import ledger
from runners import team_deletion
from runners.agents import reports
from runners.agents.schemas import Claim
from runners.metering import charges
from runners.models import VM, Event, Run, Server
from runners.reasons import vm_ends, vms
from runners.reasons.servers import AppWithdrawn, NeverServed, VmsUnreachable
from runners.servers import catalogue, lifecycle, reconcile, runs
from runners.tasks import due
from runners.vms import balance_watch, deploy_batches
from runners.vms.placement import Choice
from tests.builders import NOON, a_node, a_price, a_server, a_serving_vm, a_team, a_wallet
from tests.walks import settle
from tests.worlds import a_world
from tfci.accounts.models import AuditEntry
from tfci.core.tft import Tft
from tfci.core.vault import derive
from tfci.grid.models import Node

pytestmark = pytest.mark.django_db
APPS = Path(__file__).parent / "catalogue/apps"


@pytest.fixture(autouse=True)
def the_small_app(settings):
    settings.APPS, settings.GRID = str(APPS), "simulated"


@pytest.fixture
def outside():
    world, _, grid, clock = a_world()
    a_price()
    return world, grid, clock


def claim(vm, now):
    token = derive("boot", vm.pk).reveal()
    reports.claim(Claim(vm.pk, token, f"key {vm.pk}"), None, now)


def said(**news):
    return {"phase": "job", "tail": "", "boot": "", "samples": [], "load": 0.0, "oom_kills": 0} | {
        **{"answers": None, "debug": None},
        **news,
    }


def serve(vm, world, clock):
    """Its agent claims it, starts the program, and finds that it answers."""
    claim(vm, clock())
    settle(world, clock)
    vm.refresh_from_db()
    run = runs.ready(vm.pk)
    reports.started(vm, run.pk, clock())
    reports.heartbeat(vm, said(answers=True), clock())
    settle(world, clock)
    vm.refresh_from_db()
    return vm


def claimed(world, clock):
    """A server's VM whose agent is there, and whose app does not answer yet."""
    server = a_server()
    a_wallet(server.team)
    a_node()
    settle(world, clock)
    vm = server.vms.get()
    claim(vm, clock())
    settle(world, clock)
    return vm


def up(outside, server=None):
    """A server whose VM serves."""
    world, _, clock = outside
    server = server or a_server()
    wallets_of = a_wallet(server.team)
    a_node()
    settle(world, clock)
    return serve(server.vms.get(), world, clock), wallets_of


# Its life


def test_it_serves_once_its_app_answers(outside):
    vm, _ = up(outside)
    assert vm.state == "serving" and vm.typed_reason == vms.AppAnswers()
    assert list(Event.objects.filter(vm=vm).order_by("pk").values_list("now", flat=True)) == [
        "deploying",
        "booting",
        "serving",
    ]


def test_a_vm_whose_agent_is_there_does_not_serve_yet(outside):
    world, _, clock = outside
    vm = claimed(world, clock)
    vm.refresh_from_db()
    assert vm.state == "booting" and vm.typed_reason == vms.AppStarting()
    reports.heartbeat(vm, said(answers=False), clock())
    settle(world, clock)
    vm.refresh_from_db()
    assert vm.state == "booting"


def test_an_app_that_never_answers_costs_five_minutes_and_its_next_vm_waits(outside):
    world, grid, clock = outside
    vm = claimed(world, clock)
    VM.objects.update(last_heartbeat_at=clock.tick(301), next_step_at=clock())
    settle(world, clock)
    vm.refresh_from_db()
    assert vm.state == "gone" and vm.typed_reason == vm_ends.AppNeverAnswered(5)
    server = Server.objects.get()
    assert server.typed_reason == NeverServed(1, 1)
    assert server.vms.count() == 1 and not grid.vms
    clock.tick(61)
    settle(world, clock)
    server = Server.objects.get()
    assert server.vms.count() == 2 and server.typed_reason is None


def test_a_vm_that_its_grid_lost_is_replaced_on_another_node(outside):
    world, grid, clock = outside
    vm, _ = up(outside)
    a_node()
    VM.objects.filter(pk=vm.pk).update(died_at=clock(), next_step_at=clock())
    settle(world, clock)
    vm.refresh_from_db()
    newest = vm.server.vms.latest("pk")
    assert (vm.state, newest.state) == ("gone", "booting")
    assert newest.node_id != vm.node_id
    assert set(grid.vms) == {newest.name}


def test_a_program_that_ends_is_started_again_where_its_data_is(outside):
    world, _, clock = outside
    vm, _ = up(outside)
    first = vm.runs.get()
    end = {
        "order": first.pk,
        "cause": "engine_failed",
        "said": "It gave up.",
        "exit_code": 1,
        "used": {},
        "tail": "",
    }
    reports.done(vm, end, clock())
    settle(world, clock)
    vm.refresh_from_db()
    assert vm.state == "serving" and vm.typed_reason == vms.ProgramRests("It gave up.")
    VM.objects.update(last_heartbeat_at=clock.tick(6), next_step_at=clock())
    settle(world, clock)
    assert runs.ready(vm.pk).pk != first.pk
    assert vm.server.vms.count() == 1


def test_a_program_that_ends_again_and_again_rests_longer_each_time():
    vm = a_serving_vm()
    rests = []
    for _ in range(9):
        Run.objects.create(vm=vm, created_at=NOON, ended_at=NOON)
        rests.append(runs.pause(vm, NOON).total_seconds())
    assert rests == [5, 10, 20, 40, 80, 160, 300, 300, 300]
    assert runs.pause(vm, NOON + timedelta(hours=2)).total_seconds() == 5


def test_a_silent_app_is_told_and_its_vm_is_left_alone(outside):
    world, _, clock = outside
    vm, _ = up(outside)
    VM.objects.update(last_heartbeat_at=clock.tick(40), next_step_at=clock())
    settle(world, clock)
    vm.refresh_from_db()
    assert vm.state == "serving" and vm.typed_reason == vms.AppSilent()


def test_a_silent_agent_on_a_node_that_is_well_costs_it_nothing(outside):
    world, _, clock = outside
    vm, _ = up(outside)
    Node.objects.update(seen_at=clock.tick(900))
    VM.objects.update(next_step_at=clock())
    settle(world, clock)
    vm.refresh_from_db()
    assert vm.state == "serving"


def test_a_silent_agent_on_a_node_that_is_down_has_it_replaced(outside):
    world, _, clock = outside
    vm, _ = up(outside)
    a_node()
    Node.objects.filter(pk=vm.node_id).update(up=False)
    Node.objects.update(seen_at=clock.tick(900))
    VM.objects.update(next_step_at=clock())
    settle(world, clock)
    vm.refresh_from_db()
    assert vm.state == "gone" and vm.reason in ("node_missing", "node_silent")
    assert vm.server.vms.latest("pk").node_id != vm.node_id


def test_what_ended_its_agent_ended_its_watch_so_it_is_replaced(outside):
    world, _, clock = outside
    vm, _ = up(outside)
    with pytest.raises(reports.UnknownAgent):
        reports.claim(Claim(vm.pk, derive("boot", vm.pk).reveal(), "other", killed=9), None, clock())
    settle(world, clock)
    vm.refresh_from_db()
    assert vm.state in ("removing", "gone") and vm.server.vms.count() == 2


def test_deleted_it_is_gone_with_its_vm(outside):
    world, grid, clock = outside
    vm, _ = up(outside)
    assert reconcile.end(vm.server, "ann", clock()) and not reconcile.end(vm.server, "ann", clock())
    settle(world, clock)
    assert not grid.vms
    assert Server.objects.get().closed_at == clock()
    assert Server.objects.get().vms.count() == 1


def test_a_team_that_is_deleted_waits_for_its_servers(outside):
    world, _, clock = outside
    vm, _ = up(outside)
    team = vm.team
    team_deletion.step(team, clock())
    assert team_deletion.left(team)
    settle(world, clock)
    assert not team_deletion.left(team)


# Money


def test_its_time_is_a_use_of_its_own_and_comes_out_to_the_last_digit(outside):
    _, _, clock = outside
    vm, wallet = up(outside)
    clock.tick(3600)
    charges.settle(vm, clock())
    assert ledger.spent(vm_id=vm.pk, use="server") == vm.quote.per_hour == ledger.spent(vm_id=vm.pk)
    wallet.refresh_from_db()
    assert wallet.balance == Tft.parse("100") - vm.quote.per_hour


def test_it_is_not_made_where_the_balance_does_not_cover_an_hour(outside):
    world, _, clock = outside
    server = a_server()
    a_wallet(server.team, tft="0.0000001")
    a_node()
    settle(world, clock)
    assert server.vms.get().state == "wanted" and server.vms.get().reason == "balance"


def test_it_stays_while_anything_is_left_and_goes_when_nothing_is(outside, settings):
    settings.OVERDRAFT, (world, _, clock) = "0", outside
    server = a_server()
    vm, wallet = up(outside, server)

    def watch():
        VM.objects.update(last_heartbeat_at=clock(), next_step_at=clock())
        Run.objects.update(last_answer_at=clock())
        balance_watch.check(wallet.pk, clock())
        settle(world, clock)
        vm.refresh_from_db()

    clock.tick(int(3600 * (wallet.balance / vm.quote.per_hour) - 600))
    watch()
    assert vm.state == "serving"
    clock.tick(570)
    watch()
    assert vm.state == "gone" and vm.retire_reason == "balance_spent"
    assert [one.state for one in server.vms.order_by("pk")] == ["gone", "wanted"]
    assert server.vms.latest("pk").reason == "balance"


# What its VM gets


def test_its_vm_gets_its_words_and_the_log_none_of_its_secrets(outside):
    world, _, clock = outside
    server = a_server(name="docs")
    a_wallet(server.team)
    a_node()
    settle(world, clock)
    vm = server.vms.get()
    VM.objects.update(addresses={"ip": "127.0.0.1"})
    claim(vm, clock())
    settle(world, clock)
    order = runs.order(vm, clock())
    port = str(order["app"]["port"])
    assert order["arguments"] == ["-m", "http.server", port, "--bind", "127.0.0.1", "--directory", "{data}"]
    assert order["app"]["files"]["index.html"] == "<h1>docs says hello</h1>\n"
    assert order["environment"] == {"GREETING": "hello"}
    assert sorted(order["app"]["secrets"]) == ["k3y-of-ann", "s3same-open"]


def test_an_image_of_its_own_is_ordered_where_its_app_names_one(settings, tmp_path):
    vm = a_serving_vm(state="deploying")
    assert lifecycle.wanted(vm, None, NOON).columns["boot_image"] == ""
    text = (
        (APPS / "pages/app.toml")
        .read_text()
        .replace("[ports]", '[images]\nsimulated = "pages.flist"\n\n[ports]')
    )
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages/app.toml").write_text(text)
    settings.APPS = str(tmp_path)
    vm.boot_image = lifecycle.wanted(vm, None, NOON).columns["boot_image"]
    assert deploy_batches.order(vm, Choice()).image == "pages.flist"


# Deeds


def test_what_people_answer_and_what_is_made_for_them_is_sealed(outside):
    app, team = catalogue.find("pages"), a_team()
    server = Server(team=team, name="docs", app="pages", cpu=1, memory_gb=1, disk_gb=5)
    reconcile.create(server, app, {"word": "hello", "reader": "ann", "key": "k3y-of-ann"}, "ann", NOON)
    kept = Server.objects.get()
    assert kept.settings["key"] == "k3y-of-ann" and len(kept.settings["door"]) == 32
    entry = AuditEntry.objects.get()
    assert entry.what == "servers.change"
    assert "k3y-of-ann" not in json.dumps(entry.after) and kept.settings["door"] not in json.dumps(
        entry.after
    )
    with pytest.raises(reconcile.ServerNameTaken):
        again = Server(team=team, name="docs", app="pages", cpu=1, memory_gb=1, disk_gb=5)
        reconcile.create(again, app, {}, "ann", NOON)


def test_what_can_not_run_here_is_not_made(settings):
    settings.GRID = "local"
    with pytest.raises(reconcile.NotDeployable) as hindered:
        reconcile.create(
            Server(team=a_team(), name="docs", app="pages"), catalogue.find("pages"), {}, "ann", NOON
        )
    assert hindered.value.reason == VmsUnreachable()
    assert not Server.objects.exists()


def test_who_looks_at_a_secret_stands_in_the_audit_log():
    assert reconcile.reveal(a_server(), "ann", NOON) == {"door": "s3same-open"}
    assert AuditEntry.objects.get().what == "servers.reveal"


def test_an_app_that_left_the_catalogue_gets_no_vm(outside):
    world, _, clock = outside
    server = a_server(app="nothing")
    a_wallet(server.team)
    settle(world, clock)
    server.refresh_from_db()
    assert server.typed_reason == AppWithdrawn() and not server.vms.exists()


def test_the_schedule_sees_to_every_server(sent, django_capture_on_commit_callbacks):
    server = a_server()
    a_server(closed_at=NOON)
    with django_capture_on_commit_callbacks(execute=True):
        due.decide()
    assert ("runners.tasks.reconciliation.keep_server", {"server_id": server.pk}) in sent
    assert len(sent) == 1
