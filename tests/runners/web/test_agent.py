"""The VMs' door, as docs/design/agent-protocol.md says it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from runners.models import VM, Refresh
from runners.reasons.vm_notes import AgentSignaled
from runners.vms import metrics
from runners.web import agent
from tests.builders import NOON, a_job, a_runner, a_vm
from tfci.core.vault import derive, digest

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def as_the_asgi_process_has_it(settings):
    settings.MIDDLEWARE = ["django_structlog.middlewares.RequestMiddleware"]
    settings.ROOT_URLCONF = "tfci.urls_agents"


BEAT = {
    "phase": "job",
    "samples": [[1.2, 0.25, 0.01, 500, 3000, 40, 2], [0.2, 0.5, 0.01, 512, 3584, 0, 0]],
    "load": 0.7,
    "oom_kills": 1,
    "tail": "hello\n",
}
USED = {
    "cpu_mean": 0.4,
    "cpu_peak": 0.98,
    "memory_peak": 900,
    "disk_peak": 3600,
    "received": 5 << 30,
    "sent": 7,
}


def say(client, path, body, vm=None, key="key"):
    headers = {"Authorization": f"Bearer {vm.pk}.{key}"} if vm else {}
    return client.post(f"/agent/{path}", body, content_type="application/json", headers=headers)


def claim(client, vm, key="key", token=None, forwarded="", killed=0):
    token = token or derive("boot", vm.pk).reveal()
    body = {"vm": vm.pk, "token": token, "key": key, "engines": {"practice": "1"}}
    body |= {"killed": killed} if killed else {}
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return client.post("/agent/claim", body, content_type="application/json", headers=headers)


class TestClaim:
    def test_the_right_token_makes_the_key_the_vms(self, client, sent):
        vm = a_vm("booting")
        assert claim(client, vm).status_code == 200
        vm.refresh_from_db()
        assert vm.claimed_at and vm.engines == {"practice": "1"}
        assert "key" not in vm.agent_digest
        assert ("runners.tasks.vm_steps.step", {"vm_id": vm.pk}) in sent

    def test_the_same_key_again_is_a_lost_answer(self, client, sent):
        vm = a_vm("booting")
        assert [claim(client, vm).status_code for _ in range(2)] == [200, 200]

    def test_a_second_claim_with_the_same_token_and_another_key_is_refused_and_told(self, client, sent):
        vm = a_vm("booting")
        claim(client, vm)
        assert claim(client, vm, key="other").status_code == 403
        assert vm.events.get().reason == "second_claim"
        assert say(client, "beat", BEAT, vm, "key").status_code == 200
        assert say(client, "beat", BEAT, vm, "other").status_code == 401

    @pytest.mark.parametrize("killed", [0, 9])
    def test_refused_claims_are_told_once_however_many_come(self, client, sent, killed):
        vm = a_vm("booting")
        claim(client, vm)
        answers = {claim(client, vm, key=f"other {n}", killed=killed).status_code for n in range(5)}
        assert answers == {403}
        assert vm.events.count() == 1

    def test_after_its_reboot_a_refused_claim_is_told_again(self, client, sent):
        vm = a_rebooting_vm(claimed_at=NOON)
        claim(client, vm, key="stranger")
        Refresh.objects.update(claimed_at=None)
        claim(client, vm, key="new")
        claim(client, vm, key="stranger")
        assert vm.events.count() == 2

    @pytest.mark.parametrize("said", [None, 5, {"built_at": 5}, [{}]])
    def test_an_image_that_says_nonsense_of_itself_may_claim_all_the_same(self, client, sent, said):
        vm = a_vm("booting")
        body = {"vm": vm.pk, "token": derive("boot", vm.pk).reveal(), "key": "key", "image": said}
        assert say(client, "claim", body).status_code == 200
        vm.refresh_from_db()
        assert vm.image is None

    def test_what_its_image_says_of_itself_is_kept(self, client, sent):
        vm = a_vm("booting")
        image = {
            "format": 1,
            "built_at": "2026-11-20T10:00:00Z",
            "engines": [{"engine": "gitea", "version": "1.0"}],
        }
        body = {"vm": vm.pk, "token": derive("boot", vm.pk).reveal(), "key": "key", "image": image}
        assert say(client, "claim", body).status_code == 200
        vm.refresh_from_db()
        assert vm.image["engines"] == [{"engine": "gitea", "version": "1.0", "released": ""}]

    @pytest.mark.parametrize("said", [1.5, "odd", None])
    def test_what_older_agents_say_besides_is_passed_over(self, client, sent, said):
        vm = a_vm("booting")
        body = {"vm": vm.pk, "token": derive("boot", vm.pk).reveal(), "key": "key", "besides": said}
        assert say(client, "claim", body).status_code == 200

    def test_another_vms_token_is_refused(self, client, sent):
        vm, other = a_vm("booting"), a_vm("booting")
        assert claim(client, vm, token=derive("boot", other.pk).reveal()).status_code == 403

    def test_a_vm_that_is_to_go_is_told_so(self, client, sent):
        assert claim(client, a_vm("removing")).status_code == 410

    @pytest.mark.parametrize("body", [{}, {"vm": "x"}, [], {"vm": 1, "token": 5, "key": ""}])
    def test_nonsense_is_refused_with_a_sentence(self, client, body):
        answer = say(client, "claim", body)
        assert answer.status_code == 400 and answer.json()["message"]

    def test_more_than_64_kib_is_refused(self, client):
        assert say(client, "claim", {"vm": 1, "token": "x" * 70_000, "key": ""}).status_code == 413


class TestOddCalls:
    """Nobody needs to be known for these."""

    @pytest.mark.parametrize("bearer", ["²", "٣", "9" * 30, "9" * 5000, "-1", "", "1", "\xff"])
    def test_a_number_that_is_none_is_a_stranger(self, client, bearer):
        answer = client.post(
            "/agent/beat", BEAT, "application/json", headers={"Authorization": f"Bearer {bearer}.key"}
        )
        assert answer.status_code == 401

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            (b"[" * 30_000, 400),
            (b"\xff", 400),
            (b'{"vm": 1, "x": ' + b"[" * 30_000, 400),
            (b"x" * 1_100_000, 413),
        ],
        ids=["deep", "no text", "deep in a place that nobody reads", "more than a MiB"],
    )
    def test_a_body_that_is_none_is_refused_with_a_sentence(self, client, body, status):
        answer = client.post("/agent/claim", body, "application/json")
        assert (answer.status_code, bool(answer.json()["message"])) == (status, True)

    @pytest.mark.parametrize("path", ["/agent/", "/agent/nothing", "/agent/%00", "/nothing"])
    def test_a_call_that_there_is_not_is_answered_without_a_page(self, client, path):
        client.raise_request_exception = False
        answer = client.post(path, BEAT, "application/json")
        assert (answer.status_code, answer.json()) == (404, {"message": "Unknown agent call."})

    def test_where_it_comes_from_may_be_no_address(self, client, sent):
        vm = a_vm("booting")
        assert claim(client, vm, forwarded="no address").status_code == 200


class TestWhatAnAgentSaysIsBounded:
    @pytest.mark.parametrize(
        "odd",
        [
            *(
                {"phase": "x" * 11},
                {"samples": [[0.0] * 7] * 101},
                {"samples": [[0.0] * 6]},
                {"oom_kills": 1.5},
            ),
            *({"debug": {"id": 2**63}}, {"debug": {"id": 0}}),
        ],
        ids=str,
    )
    def test_what_no_agent_of_ours_says_is_refused(self, client, odd):
        vm = a_vm("busy", agent_digest=digest("key"))
        assert say(client, "beat", BEAT | odd, vm).status_code == 400

    @pytest.mark.parametrize(
        "odd", [{"cause": "x" * 21}, {"exit_code": 2**31}, {"used": {"cpu_mean": 1.0}}], ids=str
    )
    def test_an_end_that_no_column_holds_is_refused(self, client, odd):
        vm = a_vm("busy", agent_digest=digest("key"))
        body = {"order": a_runner(vm).pk, "cause": "exited"}
        assert say(client, "done", body | odd, vm).status_code == 400

    def test_odd_measurements_are_brought_within_their_bounds(self, client):
        vm = a_vm("busy", agent_digest=digest("key"))
        odd = {
            "oom_kills": 2**40,
            "load": 1e308,
            "samples": [[1e308, -1.0, 1e38, 2**40, -5, 0, 0]],
            "tail": "a\x00b",
        }
        assert say(client, "beat", BEAT | odd, vm).status_code == 200
        [load] = metrics.latest(vm, 1)
        vm.refresh_from_db()
        assert (load.oom_kills, load.load, vm.tail) == (2**31 - 1, 100_000.0, "ab")

    def test_an_image_that_was_built_before_all_time_is_none(self, client, sent):
        vm = a_vm("booting")
        body = {"vm": vm.pk, "token": derive("boot", vm.pk).reveal(), "key": "key"}
        image = {"built_at": "0001-01-01T00:00:00+14:00", "engines": []}
        assert say(client, "claim", body | {"image": image}).status_code == 200
        vm.refresh_from_db()
        assert vm.image is None


class TestComingBack:
    """A VM that reboots between two jobs may claim once more, with a new key."""

    def test_in_its_window_a_new_key_counts_and_the_old_one_no_more(self, client, sent):
        vm = a_rebooting_vm()
        assert claim(client, vm, key="new").status_code == 200
        assert say(client, "beat", BEAT, vm, "new").status_code == 200
        assert say(client, "beat", BEAT, vm, "key").status_code == 401

    def test_a_lost_answer_may_be_asked_for_again(self, client, sent):
        vm = a_rebooting_vm()
        assert [claim(client, vm, key="new").status_code for _ in range(2)] == [200, 200]

    def test_a_second_key_in_the_same_window_is_a_stranger(self, client, sent):
        vm = a_rebooting_vm()
        claim(client, vm, key="new")
        assert claim(client, vm, key="stranger").status_code == 403
        assert vm.events.get().reason == "second_claim"

    @pytest.mark.parametrize(
        "window",
        [{"opened_at": None}, {"closes_at": NOON - timedelta(seconds=1)}, {"claimed_at": NOON}],
        ids=["not opened", "closed", "used"],
    )
    def test_outside_of_its_window_it_is_refused(self, client, sent, window):
        vm = a_rebooting_vm(**window)
        assert claim(client, vm, key="new").status_code == 403
        assert vm.events.get().reason == "second_claim"

    def test_from_another_address_than_its_first_claim_it_is_refused(self, client, sent):
        vm = a_rebooting_vm()
        VM.objects.update(agent_address="198.51.100.7")
        assert claim(client, vm, key="new", forwarded="203.0.113.9").status_code == 403
        assert claim(client, vm, key="new", forwarded="198.51.100.7").status_code == 200

    def test_what_was_said_before_it_stays_with_the_job_that_it_was_said_of(self, client, sent):
        vm = a_rebooting_vm()
        runner = a_runner(vm, job=a_job(), deregistered_at=NOON)
        VM.objects.update(tail="secret of the first job\n")
        claim(client, vm, key="new")
        vm.refresh_from_db()
        runner.refresh_from_db()
        assert (vm.tail, runner.tail) == ("", "secret of the first job\n")

    def test_its_agent_is_told_to_let_it_start_anew(self, client):
        assert say(client, "order", {}, a_rebooting_vm()).json() == {"refresh": True}

    def test_the_agent_that_came_back_is_not_told_again(self, client, sent, monkeypatch):
        monkeypatch.setattr(agent, "HOLD", 0.05)
        vm = a_rebooting_vm()
        claim(client, vm, key="new")
        assert say(client, "order", {}, vm, "new").status_code == 204


def a_rebooting_vm(**window):
    vm = a_vm("refreshing")
    times = {"began_at": NOON, "opened_at": NOON, "closes_at": timezone.now() + timedelta(minutes=3)}
    Refresh.objects.create(vm=vm, **times | window)
    return vm


class TestTheAgentWasKilled:
    def test_the_next_one_tells_it_and_its_job_has_ended(self, client, sent):
        vm = a_vm("busy")
        runner = a_runner(vm)
        assert claim(client, vm, key="other", killed=9).status_code == 403
        runner.refresh_from_db()
        assert (runner.done_cause, runner.done_at is None) == ("agent_killed", False)
        assert vm.events.get().typed_reason == AgentSignaled(9)
        assert runner.done_said == str(AgentSignaled(9))
        vm.refresh_from_db()
        assert vm.next_step_at > NOON

    def test_an_end_that_was_told_before_stays(self, client, sent):
        vm = a_vm("busy")
        runner = a_runner(vm, done_at=NOON, done_cause="exited")
        claim(client, vm, key="other", killed=9)
        runner.refresh_from_db()
        assert runner.done_cause == "exited"

    def test_without_the_vms_token_nobody_can_say_so(self, client, sent):
        vm, other = a_vm("busy"), a_vm("busy")
        runner = a_runner(vm)
        assert (
            claim(client, vm, key="other", token=derive("boot", other.pk).reveal(), killed=9).status_code
            == 403
        )
        runner.refresh_from_db()
        assert runner.done_at is None

    def test_one_that_was_killed_before_it_could_claim_makes_a_new_beginning(self, client, sent):
        vm = a_vm("booting")
        assert claim(client, vm, killed=11).status_code == 200
