"""The machines' door, as docs/design/agent-protocol.md says it."""

import asyncio

import pytest
from django.test import AsyncClient

from runners import agent, beats
from runners.models import VM, Runner, Sample
from tests.builders import NOON, a_runner, a_vm
from tfci.secret import Secret
from tfci.vault import derive

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def as_the_asgi_process_has_it(settings):
    settings.MIDDLEWARE = ["django_structlog.middlewares.RequestMiddleware"]
    settings.ROOT_URLCONF = "tfci.urls_agents"


BEAT = {"cpu": 0.5, "memory": 512, "disk": 3.5, "phase": "job", "steal": 0.01, "tail": "hello\n"}


def say(client, path, body, vm=None, key="key"):
    headers = {"Authorization": f"Bearer {vm.pk}.{key}"} if vm else {}
    return client.post(f"/agent/{path}", body, content_type="application/json", headers=headers)


def claim(client, vm, key="key", token=None):
    token = token or derive("boot", vm.pk).reveal()
    return say(
        client,
        "claim",
        {"vm": vm.pk, "token": token, "key": key, "boot_s": 1.5, "engines": {"practice": "1"}},
    )


class TestClaim:
    def test_the_right_token_makes_the_key_the_machines(self, client, sent):
        vm = a_vm("booting")
        assert claim(client, vm).status_code == 200
        vm.refresh_from_db()
        assert vm.claimed_at and vm.engines == {"practice": "1"}
        assert "key" not in vm.agent_digest
        assert ("runners.tasks.step", {"vm_id": vm.pk}) in sent

    def test_the_same_key_again_is_a_lost_answer(self, client, sent):
        vm = a_vm("booting")
        assert [claim(client, vm).status_code for _ in range(2)] == [200, 200]

    def test_a_second_claim_with_the_same_token_and_another_key_is_refused_and_told(self, client, sent):
        vm = a_vm("booting")
        claim(client, vm)
        assert claim(client, vm, key="other").status_code == 403
        assert vm.events.get().why == "a second claim with another key was refused"
        assert say(client, "beat", BEAT, vm, "key").status_code == 200
        assert say(client, "beat", BEAT, vm, "other").status_code == 401

    def test_another_machines_token_is_refused(self, client, sent):
        vm, other = a_vm("booting"), a_vm("booting")
        assert claim(client, vm, token=derive("boot", other.pk).reveal()).status_code == 403

    def test_a_machine_that_is_to_go_is_told_so(self, client, sent):
        assert claim(client, a_vm("removing")).status_code == 410

    @pytest.mark.parametrize("body", [{}, {"vm": "x"}, [], {"vm": 1, "token": 5, "key": ""}])
    def test_nonsense_is_refused_with_a_sentence(self, client, body):
        answer = say(client, "claim", body)
        assert answer.status_code == 400 and answer.json()["message"]

    def test_more_than_64_kib_is_refused(self, client):
        assert say(client, "claim", {"vm": 1, "token": "x" * 70_000, "key": ""}).status_code == 400


class TestSpeaking:
    def test_a_heartbeat_is_a_sample_and_its_tail_is_kept(self, client):
        vm = a_vm("busy")
        for _ in range(2):
            assert say(client, "beat", BEAT, vm).json() == {"stop": False, "interval": 10}
        vm.refresh_from_db()
        assert vm.tail == "hello\nhello\n"
        assert Sample.objects.filter(vm=vm, cpu=500, steal=10, memory=512, disk=3584).count() == 2

    def test_a_tail_keeps_its_last_16_kib(self, client):
        vm = a_vm("busy", tail="x" * beats.TAIL)
        say(client, "beat", BEAT, vm)
        vm.refresh_from_db()
        assert len(vm.tail) == beats.TAIL and vm.tail.endswith("xhello\n")

    def test_started_drops_the_credential(self, client):
        vm = a_vm("assigned")
        runner = a_runner(vm, credential=Secret("c"), registered_at=NOON, forge_runner_id="1")
        assert say(client, "started", {"order": runner.pk}, vm).status_code == 200
        runner.refresh_from_db()
        assert runner.started_at and runner.credential is None

    def test_done_says_how_it_ended_once(self, client, sent):
        vm = a_vm("busy")
        runner = a_runner(vm)
        for said in ("The engine ended by itself.", "again"):
            body = {"order": runner.pk, "cause": "exited", "exit_code": 0, "said": said, "tail": "bye\n"}
            assert say(client, "done", body, vm).status_code == 200
        vm.refresh_from_db()
        runner.refresh_from_db()
        assert (runner.done_cause, runner.done_said) == ("exited", "The engine ended by itself.")
        assert vm.tail == "bye\n"
        assert ("runners.tasks.step", {"vm_id": vm.pk}) in sent

    @pytest.mark.parametrize("path", ["order", "started", "beat", "done"])
    def test_a_stranger_is_refused_everywhere(self, client, path):
        vm = a_vm("busy")
        assert say(client, path, BEAT, vm, "wrong").status_code == 401
        assert say(client, path, BEAT).status_code == 401

    @pytest.mark.parametrize("path", ["order", "started", "beat", "done"])
    def test_a_machine_that_is_to_go_learns_it_everywhere(self, client, path):
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
        VM.objects.filter(pk=runner.vm_id).update(why="for its job")
        beats.wake(runner.vm_id)
