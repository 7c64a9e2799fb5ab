"""What an agent says while it runs, and the order it gets."""

import asyncio
from datetime import timedelta

import pytest
from django.test import AsyncClient
from django.utils import timezone

from billing import limits
from runners.agents.schemas import TAIL
from runners.models import VM, Runner
from runners.queue import wakes
from runners.vms import metrics
from runners.web import agent
from tests.builders import NOON, a_debug_access, a_runner, a_vm
from tests.house import PUBLIC_KEY
from tests.runners.web.test_agent import BEAT, USED, as_the_asgi_process_has_it, say
from tfci.core.secret import Secret
from tfci.core.vault import digest

__all__ = ["as_the_asgi_process_has_it"]
pytestmark = pytest.mark.django_db(transaction=True)


class TestSpeaking:
    def test_a_heartbeat_brings_samples_and_its_tail_is_kept(self, client):
        vm = a_vm("busy", state_changed_at=timezone.now())
        for _ in range(2):
            assert say(client, "beat", BEAT, vm).json() == {"stop": False, "interval": 10, "every": 1}
        vm.refresh_from_db()
        assert vm.tail == "hello\nhello\n"
        samples = metrics.samples(metrics.latest(vm, 2))
        assert [sample["cpu"] for sample in samples] == [250, 500]  # the second came within a second
        assert samples[-1]["disk"] == 3584

    def test_a_heartbeat_is_answered_with_debug_access_and_brings_what_came_of_it(self, client):
        vm = a_vm("busy")
        there = a_debug_access(vm, opened_at=timezone.now())
        told = say(client, "beat", BEAT, vm).json()["debug"]
        assert (told["id"], told["keys"]) == (there.pk, there.keys) and 1790 < told["seconds"] <= 1800
        news = {"id": there.pk, "host_key": PUBLIC_KEY}
        assert say(client, "beat", BEAT | {"debug": news}, vm).status_code == 200
        there.refresh_from_db()
        assert PUBLIC_KEY.startswith(there.host_key) and there.host_key

    def test_an_engine_of_a_vm_that_is_kept_past_its_job_is_told_to_end(self, client):
        vm = a_vm("kept", agent_digest=digest("key"), claimed_at=NOON)
        assert say(client, "beat", BEAT, vm).json()["stop"] is True

    def test_a_heartbeat_with_nothing_measured_is_a_sign_of_life_all_the_same(self, client):
        vm = a_vm("standby")
        assert say(client, "beat", {"phase": "standby"}, vm).status_code == 200
        assert metrics.latest(vm, 2) == []
        vm.refresh_from_db()
        assert vm.last_heartbeat_at > NOON

    def test_of_a_job_that_runs_for_long_fewer_samples_are_asked_for(self, client):
        vm = a_vm("busy", state_changed_at=timezone.now() - timedelta(minutes=11))
        assert say(client, "beat", BEAT, vm).json()["every"] == 5

    @pytest.mark.parametrize("samples", [[[1, 2]], [["x"] * 7], "x", [[1e400] * 7]])
    def test_samples_that_make_no_sense_are_refused(self, client, samples):
        vm = a_vm("busy")
        assert say(client, "beat", BEAT | {"samples": samples}, vm).status_code == 400

    def test_what_its_image_said_at_its_start_is_kept(self, client):
        vm = a_vm("standby")
        say(client, "beat", BEAT | {"boot": "0.9 kernel\n2.3 encrypted\n"}, vm)
        say(client, "beat", BEAT, vm)
        vm.refresh_from_db()
        assert vm.boot_log == "0.9 kernel\n2.3 encrypted\n"

    def test_a_tail_keeps_its_last_16_kib(self, client):
        vm = a_vm("busy", tail="x" * TAIL)
        say(client, "beat", BEAT, vm)
        vm.refresh_from_db()
        assert len(vm.tail) == TAIL and vm.tail.endswith("xhello\n")

    def test_started_drops_the_credential(self, client):
        vm = a_vm("assigned")
        runner = a_runner(vm, credential=Secret("c"), registered_at=NOON, forge_runner_id="1")
        assert say(client, "started", {"order": runner.pk}, vm).status_code == 200
        runner.refresh_from_db()
        assert runner.started_at and runner.credential is None

    def test_a_start_that_could_not_be_told_at_once_counts_from_when_it_was(self, client):
        runner = a_runner(a_vm("assigned"), registered_at=NOON, handed_over_at=NOON)
        say(client, "started", {"order": runner.pk, "ago_s": 40}, runner.vm)
        runner.refresh_from_db()
        ago = timezone.now() - runner.started_at
        assert timedelta(seconds=40) <= ago < timedelta(seconds=60)

    def test_no_engine_starts_before_its_order_was_handed_over(self, client):
        runner = a_runner(a_vm("assigned"), registered_at=NOON, handed_over_at=timezone.now())
        say(client, "started", {"order": runner.pk, "ago_s": 40}, runner.vm)
        handed = runner.handed_over_at
        runner.refresh_from_db()
        assert runner.started_at == handed

    def test_done_says_how_it_ended_once(self, client, sent):
        vm = a_vm("busy")
        runner = a_runner(vm)
        for said in ("The engine ended by itself.", "again"):
            body = {
                "order": runner.pk,
                "cause": "exited",
                "exit_code": 0,
                "said": said,
                "tail": "bye\n",
                "used": USED,
            }
            assert say(client, "done", body, vm).status_code == 200
        vm.refresh_from_db()
        runner.refresh_from_db()
        assert (runner.done_cause, runner.done_said) == ("exited", "The engine ended by itself.")
        assert vm.tail == "bye\n"
        assert (runner.mean_cpu, runner.peak_cpu, runner.peak_memory, runner.peak_disk) == (
            400,
            980,
            900,
            3600,
        )
        assert (runner.received, runner.sent) == (5 << 30, 7)
        assert ("runners.tasks.vm_steps.step", {"vm_id": vm.pk}) in sent

    @pytest.mark.parametrize("path", ["order", "started", "beat", "done"])
    def test_a_stranger_is_refused_everywhere(self, client, path):
        vm = a_vm("busy")
        assert say(client, path, BEAT, vm, "wrong").status_code == 401
        assert say(client, path, BEAT).status_code == 401

    @pytest.mark.parametrize("path", ["order", "started", "beat", "done"])
    def test_a_vm_that_is_to_go_learns_it_everywhere(self, client, path):
        assert (
            say(client, path, BEAT, a_vm("removing", agent_digest=a_vm("busy").agent_digest)).status_code
            == 410
        )


class TestOrder:
    def test_it_holds_the_credential_and_what_the_engine_needs(self, client):
        vm = a_vm("assigned")
        runner = a_runner(vm, credential=Secret("{}"), registered_at=NOON, forge_runner_id="1")
        order = say(client, "order", {}, vm).json()
        assert (order["id"], order["engine"], order["labels"], order["time_limit_s"]) == (
            runner.pk,
            "gitea",
            ["small"],
            21600,
        )
        assert list(order["files"]) == [".runner"]

    def test_its_time_limit_is_the_operators_where_that_is_shorter(self, client):
        vm = a_vm("assigned")
        limits.change(vm.team, limits.TeamCaps(max_job_minutes=10), "operator", NOON)
        a_runner(vm, credential=Secret("{}"), registered_at=NOON, forge_runner_id="1")
        assert say(client, "order", {}, vm).json()["time_limit_s"] == 600

    def test_it_is_the_same_until_the_engine_has_started(self, client):
        vm = a_vm("assigned")
        a_runner(vm, credential=Secret("{}"), registered_at=NOON, forge_runner_id="1")
        assert say(client, "order", {}, vm).json() == say(client, "order", {}, vm).json()

    def test_a_call_that_waits_ends_with_204(self, client, monkeypatch):
        monkeypatch.setattr(agent, "HOLD", 0.05)
        assert say(client, "order", {}, a_vm("standby")).status_code == 204

    def test_a_call_that_waits_is_woken_by_the_order(self):
        asyncio.run(self._woken())

    async def _woken(self):
        vm = await agent.rows(a_vm, "assigned")
        runner = await agent.rows(a_runner, vm)
        call = asyncio.create_task(say(AsyncClient(), "order", {}, vm))
        await asyncio.sleep(0.3)
        await agent.rows(self._register, runner)
        answer = await asyncio.wait_for(call, 5)
        assert answer.json()["id"] == runner.pk

    @staticmethod
    def _register(runner):
        Runner.objects.filter(pk=runner.pk).update(
            credential=Secret("{}"), registered_at=NOON, forge_runner_id="1"
        )
        VM.objects.filter(pk=runner.vm_id).update(reason="needs_job")
        wakes.wake_agent(runner.vm_id)
