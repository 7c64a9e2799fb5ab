"""The whole of it as a model: jobs come and go, forge and grid misbehave, processes die after any step.

Whatever happens, no VM is lost, doubled or left, no job waits for ever, and the ledger has what the grid's own
journal says.
"""

import contextlib
from datetime import timedelta

import hypothesis.strategies as st
import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from billing import ledger, pricing
from billing.models import Twin, Wallet
from runners import engine
from runners.agents import reports
from runners.agents.schemas import Claim
from runners.connections import polling
from runners.jobs import ingest
from runners.metering import charges
from runners.models import VM, DebugAccess, Job, Pool, Run, Runner, Server
from runners.pools import reconcile
from runners.servers import reconcile as server_reconcile, runs
from runners.vm_kinds import kind
from runners.vms import (
    debug_access,
    deploy_batches,
    garbage_collection,
    orders,
    reuse,
)
from tests.append_only import empty_ledger
from tests.builders import a_connection, a_debug_access, a_node, a_pool, a_price, a_server, a_wallet
from tests.runners.vms.invariants import MAXIMUM, Invariants
from tests.walks import settle, walk_due
from tests.worlds import Crash, a_world
from tfci.core.vault import derive
from tfci.forges.errors import Unreachable
from tfci.forges.models import Connection
from tfci.grid.models import Node
from tfci.grid.ports import Unavailable

SIZES = st.sampled_from(["small", "2cpu4gbram20gbssd"])


class Life(Invariants, RuleBasedStateMachine):
    @initialize()
    def begin(self):
        self.world, self.forge, self.grid, self.clock = a_world()
        self.connection = a_connection(login="keeper")
        self.pool = a_pool(
            self.connection.team, [self.connection], max_vms=MAXIMUM, linger_minutes=1, reuse="organisation"
        )
        self.keys = {}  # the key of each VM's present agent, by its number
        self.wallet = a_wallet(self.connection.team)
        a_price()
        for _ in range(4):
            a_node()
        self.numbers = 0

    # The forge, by itself.

    @rule(size=SIZES, told=st.booleans())
    def a_job_is_queued(self, size, told):
        self.numbers += 1
        repository = f"acme/{'app' if self.numbers % 2 else 'web'}"
        seen = self.forge.queue(str(self.numbers), [size], created_at=self.clock(), repository=repository)
        if told:
            ingest.observe(self.connection, seen, self.clock())

    @precondition(lambda self: self.forge.waiting_jobs() if not self.forge.broken else False)
    @rule(data=st.data(), told=st.booleans())
    def the_forge_hands_over_a_job(self, data, told):
        """To any online runner that has its labels, as forges do."""
        job = data.draw(st.sampled_from(sorted(self.forge.waiting_jobs(), key=lambda job: int(job.job_id))))
        handed = Runner.objects.exclude(handed_over_at=None).filter(deregistered_at=None, job=None)
        ready = [
            runner.forge_runner_id
            for runner in handed
            if runner.forge_runner_id in self.forge.have
            and set(job.labels) <= set(self.forge.have[runner.forge_runner_id].labels)
            and not any(other.runner_id == runner.forge_runner_id for other in self.forge.jobs.values())
        ]
        if ready:
            self._tell(self.forge.start(job.job_id, data.draw(st.sampled_from(sorted(ready)))), told)

    @precondition(lambda self: any(job.status == "in_progress" for job in self.forge.jobs.values()))
    @rule(data=st.data(), told=st.booleans(), how=st.sampled_from(["success", "failure", "cancelled"]))
    def a_job_ends(self, data, told, how):
        running = [job.job_id for job in self.forge.jobs.values() if job.status == "in_progress"]
        seen = self.forge.finish(data.draw(st.sampled_from(sorted(running))), how)
        self._tell(seen, told and how != "cancelled")

    @precondition(lambda self: any(job.status == "queued" for job in self.forge.jobs.values()))
    @rule(data=st.data(), told=st.booleans())
    def a_queued_job_is_cancelled(self, data, told):
        queued = [job.job_id for job in self.forge.jobs.values() if job.status == "queued"]
        self._tell(self.forge.finish(data.draw(st.sampled_from(sorted(queued))), "cancelled"), told)

    @rule(broken=st.booleans())
    def the_forge_goes_down_or_comes_back(self, broken):
        self.forge.broken = Unreachable("no answer") if broken else None

    # The grid, by itself.

    @rule(broken=st.booleans())
    def the_chain_falls_silent_or_speaks_again(self, broken):
        self.grid.broken = Unavailable("no answer") if broken else None

    @rule(refuses=st.booleans())
    def a_node_refuses_or_takes_vms_again(self, refuses):
        node_id = Node.objects.order_by("pk").values_list("node_id", flat=True).first()
        self.grid.refuse = {node_id: "no room"} if refuses else {}

    @rule()
    def a_turn_dies_and_the_chain_falls_silent_until_its_deadline(self):
        """What was deployed is known to the grid alone when the VM is given up."""
        self.pools_are_decided()
        self.vms_take_their_steps()
        self.one_turn_that_loses_its_answer()
        self.grid.broken = Unavailable("no answer")
        self.clock.tick(700)
        settle(self.world, self.clock)

    def one_turn_that_loses_its_answer(self):
        self.grid.lose_answer = True
        with contextlib.suppress(Crash):
            for twin in Twin.objects.all():
                deploy_batches.send(twin.pk, self.world, self.clock())
        self.grid.lose_answer = False

    @precondition(lambda self: self.grid.vms)
    @rule(data=st.data())
    def a_vm_dies(self, data):
        self.grid.kill(data.draw(st.sampled_from(sorted(self.grid.vms))))

    # The agents.

    @rule()
    def vms_boot_and_speak(self):
        for vm in self._running():
            if vm.claimed_at is None or reuse.is_reboot_due(vm.pk):
                self._claim(vm, f"key {vm.pk} of {self.clock()}")
            orders.ready(vm.pk, self.clock())
            VM.objects.filter(pk=vm.pk).update(last_heartbeat_at=self.clock())
            if run := runs.ready(vm.pk):
                reports.started(vm, run.pk, self.clock())
            if vm.server_id:
                runs.record_answer(vm, self.clock())

    def _running(self):
        alive = VM.objects.exclude(deployed_at=None).exclude(state__in=["removing", "gone"])
        there = {name for name, there in self.grid.vms.items() if there.running}
        return [vm for vm in alive if vm.name in there]

    def _claim(self, vm, key):
        with contextlib.suppress(reports.UnknownAgent):
            reports.claim(Claim(vm.pk, derive("boot", vm.pk).reveal(), key), None, self.clock())
            self.keys[vm.pk] = key

    @precondition(lambda self: VM.objects.exclude(claimed_at=None).exclude(state__in=["removing", "gone"]))
    @rule()
    def a_stranger_with_the_bootstrap_token_claims(self):
        """What a job could have read: good for nothing but the one claim of a VM that reboots."""
        for vm in VM.objects.exclude(claimed_at=None).exclude(state__in=["removing", "gone"]):
            if not reuse.is_reboot_due(vm.pk):
                with pytest.raises(reports.UnknownAgent):
                    stranger = Claim(vm.pk, derive("boot", vm.pk).reveal(), "stranger")
                    reports.claim(stranger, None, self.clock())

    @rule()
    def engines_end(self):
        for runner in Runner.objects.exclude(job=None).filter(
            job__state="completed", vm__state="busy", done_at=None
        ):
            said = {
                "order": runner.pk,
                "cause": "exited",
                "said": "The engine ended by itself.",
                "exit_code": 0,
            }
            reports.done(runner.vm, said, self.clock())

    @rule(minutes=st.sampled_from([1, 15]))
    def somebody_debugs(self, minutes):
        inside = DebugAccess.objects.filter(closed_at=None).values("vm")
        for vm in VM.objects.filter(state="busy").exclude(pk__in=inside)[:1]:
            a_debug_access(vm, minutes=minutes, opened_at=self.clock())

    @rule()
    def debug_access_is_closed(self):
        for vm in VM.objects.filter(debug__isnull=False).distinct():
            debug_access.close(vm, "keeper", self.clock())

    # Servers.

    @precondition(lambda self: not Server.objects.filter(closed_at=None).exists())
    @rule()
    def a_server_is_deployed(self):
        a_server(self.connection.team)

    @precondition(lambda self: Server.objects.filter(closing_at=None).exists())
    @rule()
    def the_server_is_deleted(self):
        server_reconcile.end(Server.objects.get(closing_at=None), "ann", self.clock())

    @precondition(
        lambda self: Run.objects.filter(ended_at=None, vm__state__in=["booting", "serving"]).exists()
    )
    @rule()
    def a_servers_program_ends(self):
        run = Run.objects.filter(ended_at=None, vm__state__in=["booting", "serving"]).latest("pk")
        said = {
            "order": run.pk,
            "cause": "engine_failed",
            "said": "It gave up.",
            "exit_code": 1,
            "tail": "",
        }
        reports.done(run.vm, said, self.clock())

    # Farmhand.

    @rule(seconds=st.sampled_from([1, 5, 20, 70, 400]))
    def time_passes(self, seconds):
        self.clock.tick(seconds)

    @rule()
    def pools_are_decided(self):
        reconcile.run(self.pool.pk, self.clock())

    @rule()
    def servers_are_kept(self):
        for server_id in server_reconcile.due():
            server_reconcile.keep_up(server_id, self.clock())

    @rule()
    def vms_take_their_steps(self):
        walk_due(self.world, self.clock)

    @rule()
    def twins_take_their_turn(self):
        for twin in Twin.objects.all():
            deploy_batches.send(twin.pk, self.world, self.clock())

    @rule()
    def all_goes_on(self):
        self._go_on()
        settle(self.world, self.clock)

    @rule(data=st.data())
    def one_step_and_the_process_dies(self, data):
        """Whatever it did outside is done; whatever it had not committed is lost."""
        step = data.draw(st.sampled_from(["turn", "walk", "reconcile"]))
        if step == "turn":
            self.one_turn_that_loses_its_answer()
        elif step == "walk":
            self._die_walking()
        else:
            with contextlib.suppress(Crash), transaction.atomic():
                reconcile.run(self.pool.pk, self.clock())
                raise Crash

    def _die_walking(self):
        """A worker takes a VM, acts, and dies before it has recorded what it did."""
        due = VM.objects.exclude(state="gone").filter(next_step_at__lte=self.clock()).first()
        vm = due and engine.lease_due(due.pk, self.clock())
        if vm:
            with transaction.atomic():
                kind(vm).states[vm.state](vm, self.world, self.clock())
                transaction.set_rollback(True)

    def _go_on(self):
        Job.objects.update(event="push")  # as jobs/run_details.py would have it, sooner or later
        if not self.forge.broken:
            for connection_id in polling.due(self.clock()):
                polling.ask(polling.lease_due(connection_id, self.clock()), self.world, self.clock())
        if not self.grid.broken:
            for twin in Twin.objects.all():
                garbage_collection.vms(twin.pk, self.world, self.clock())
        for vm in VM.objects.exclude(state="gone").exclude(contract_created_at=None):
            charges.settle(vm, self.clock())

    def _tell(self, seen, told):
        if told:
            ingest.observe(self.connection, seen, self.clock())

    def teardown(self):
        """All comes back and has its time: every job ends, nothing is left, the ledger is the grid's journal."""
        if hasattr(self, "forge"):
            self._come_to_the_end()
            self._compare_with_the_journal()

    def _come_to_the_end(self):
        self.forge.broken = self.grid.broken = None
        self.grid.refuse = {}
        Connection.objects.update(problems=[])
        for server in Server.objects.filter(closing_at=None):
            server_reconcile.end(server, "ann", self.clock())
        for _ in range(80):
            self.clock.tick(61)
            self.vms_boot_and_speak()
            self._go_on()
            settle(self.world, self.clock)
            self.vms_boot_and_speak()
            self._forge_works()
            self.engines_end()
            garbage_collection.runners(self.connection, self.forge, self.clock())
            settle(self.world, self.clock)
            if (
                not Job.objects.exclude(state="completed").exists()
                and not VM.objects.exclude(state="gone").exists()
                and not server_reconcile.due()
            ):
                break
        assert not [job for job in self.forge.jobs.values() if job.status != "completed"]
        assert not Job.objects.exclude(state="completed").exists()
        assert not VM.objects.exclude(state="gone").exists()
        assert not server_reconcile.due()
        assert self.grid.vms == {}
        assert self.forge.have == {}

    def _forge_works(self):
        for job in list(self.forge.waiting_jobs()):
            for runner in Runner.objects.exclude(handed_over_at=None).filter(deregistered_at=None, job=None):
                known = self.forge.have.get(runner.forge_runner_id)
                used = any(other.runner_id == runner.forge_runner_id for other in self.forge.jobs.values())
                if known and not used and set(job.labels) <= set(known.labels):
                    self._tell(self.forge.start(job.job_id, runner.forge_runner_id), True)
                    break
        for job in list(self.forge.running_jobs()):
            self._tell(self.forge.finish(job.job_id), True)

    def _compare_with_the_journal(self):
        for vm in VM.objects.select_related("quote"):
            spent = ledger.spent(vm_id=vm.pk)
            if vm.name not in self.grid.spans:
                assert spent == 0
                continue
            since, until = self.grid.spans[vm.name]
            assert spent == pricing.cost(vm.quote.per_hour, (until - since) // timedelta(milliseconds=1))


class FreshLife(Life):
    """Each example starts with empty tables."""

    def __init__(self):
        empty_ledger()
        Runner.objects.all().delete()
        Job.objects.update(vm=None, awaits=None)
        for model in (VM, Server, Job, Pool, Connection, Wallet, Twin, Node):
            model.objects.all().delete()
        super().__init__()


def live(examples, steps):
    profile = settings(
        max_examples=examples,
        stateful_step_count=steps,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(FreshLife, settings=profile)


@pytest.mark.django_db(transaction=True)
def test_a_life_with_a_crash_after_any_step():
    live(examples=6, steps=30)


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_two_thousand_lives_with_a_crash_after_any_step():
    live(examples=2000, steps=50)
