"""One job of every kind of forge through the whole of Farmhand: its forge over real sockets, the grid faked.

Told by polling alone, which is the truth for all kinds.
"""

from datetime import timedelta

import msgspec
import pytest
from django.utils import timezone

from runners.agents import reports
from runners.agents.schemas import Claim
from runners.connections import polling
from runners.gateways import Gateways
from runners.jobs import ingest, run_details
from runners.models import VM, Job, Runner
from runners.vms import garbage_collection, orders
from runners.web.agent import Done
from tests.builders import a_connection, a_node, a_pool, a_price, a_wallet
from tests.contracts import hutch
from tests.contracts.forges import KINDS, Receiver, eventually
from tests.walks import settle
from tests.worlds import Clock, FakeGrid
from tfci.core.secret import Secret
from tfci.core.vault import derive, instance
from tfci.forges import connections, registry

pytestmark = pytest.mark.django_db

FIRST = {kind: (forge, levels[0]) for kind, (forge, levels) in KINDS.items()}
TELLING = [kind for kind, (_, level) in FIRST.items() if "job webhooks" in level.has]
FORGETFUL = [kind for kind, (_, level) in FIRST.items() if "forgets busy" in level.has]


@pytest.fixture(params=FIRST)
def farm(request, tmp_path, settings, monkeypatch):
    """One kind of forge with an organisation that a team has linked, a pool, a node and money."""
    settings.UNSAFE_LOCAL_JOBS = True
    monkeypatch.setitem(registry.KINDS, "hutch", hutch.KIND)  # the one line that a new kind takes
    make, level = FIRST[request.param]
    forge = make(tmp_path / request.param)
    yield Farm(request.param, level(forge))
    forge.stop()


class Farm:
    """Farmhand around that one organisation; time is the test's own, from now on."""

    def __init__(self, kind, place):
        self.place, self.driver = place, place.driver()
        self.clock = Clock(timezone.now())
        self.grid = FakeGrid(self.clock)
        self.world = Gateways(
            forge=lambda connection: self.driver, account=lambda twin: self.grid, clock=self.clock
        )
        row = {"forge": kind, "level": place.level, "name": place.name, "url": place.forge.url}
        self.connection = a_connection(**row, login="keeper", runner_url=getattr(place, "runner_url", ""))
        self.pool = a_pool(self.connection.team, [self.connection])
        a_wallet(self.connection.team)
        a_price()
        a_node()

    def go_on(self, seconds=20):
        """What schedules do, and VMs: so that all that can goes on."""
        self.clock.tick(seconds)
        self.connection.refresh_from_db()
        polling.ask(self.connection, self.world, self.clock())
        run_details.describe(self.connection, self.driver, self.clock())
        settle(self.world, self.clock)
        for vm in VM.objects.exclude(deployed_at=None).exclude(state__in=["removing", "gone"]):
            if vm.claimed_at is None:
                token = derive("boot", vm.pk).reveal()
                reports.claim(Claim(vm.pk, token, f"key {vm.pk}"), None, self.clock())
            VM.objects.filter(pk=vm.pk).update(last_heartbeat_at=self.clock())
        settle(self.world, self.clock)
        return True

    def until(self, look):
        """Go on until that is so."""
        return eventually(lambda: self.go_on() and look())

    def job(self):
        return Job.objects.order_by("-pk").first()

    def engine(self):
        """What a VM's agent starts for its order."""
        runner = self.until(
            lambda: Runner.objects.filter(deregistered_at=None).exclude(registered_at=None).first()
        )
        order = orders.ready(runner.vm_id, self.clock())
        made = self.place.engine(self.driver.order(order.credential, order.labels))
        reports.started(order.vm, order.pk, self.clock())
        return made, order

    def done(self, runner):
        said = Done(runner.pk, "exited", "The engine ended by itself.", exit_code=0)
        reports.done(runner.vm, msgspec.structs.asdict(said), self.clock())

    def heard(self, receiver):
        """What the forge told of jobs, in the order in which it came."""
        hooks = registry.kind(self.connection.forge).webhooks.reader
        return [job for headers, body in list(receiver.deliveries) for job in hooks.read(headers, body).jobs]

    def gone(self):
        return not VM.objects.exclude(state="gone").exists()


@pytest.mark.parametrize("result", ["SUCCESS", "FAILURE"])
def test_a_job_is_heard_of_gets_its_vm_and_leaves_nothing(farm, result):
    farm.place.push({"build": {"runs-on": ["small"]}})
    farm.until(lambda: farm.job() and farm.job().state == "queued")
    engine, runner = farm.engine()
    eventually(engine.take)
    farm.until(lambda: farm.job().state == "in_progress" and farm.job().vm_id == runner.vm_id)
    assert VM.objects.get().state == "busy"
    engine.finish(result)
    farm.done(runner)
    farm.until(lambda: farm.job().state == "completed" and farm.gone())
    job = farm.job()
    assert (job.conclusion, job.vm_id) == (result.lower(), runner.vm_id)
    assert (job.repository, job.labels) == (farm.place.repository, ["small"])
    assert farm.driver.runners() == []
    assert farm.grid.vms == {}


def test_a_job_so_short_that_nobody_saw_it_run_still_has_its_vm(farm):
    farm.place.push({"build": {"runs-on": ["small"]}})
    engine, runner = farm.engine()
    eventually(engine.take)
    engine.finish()
    farm.done(runner)
    farm.until(farm.gone)
    assert (farm.job().conclusion, farm.job().vm_id) == ("success", runner.vm_id)
    assert farm.driver.runners() == []


def test_a_job_cancelled_before_it_began_gets_its_vm_no_more(farm):
    farm.place.push({"build": {"runs-on": ["small"]}})
    engine, runner = farm.engine()
    farm.place.cancel(next(seen for seen in farm.driver.waiting_jobs()))
    farm.until(farm.gone)
    assert (farm.job().conclusion, farm.job().vm_id) == ("cancelled", None)
    assert farm.driver.runners() == []


@pytest.mark.parametrize("farm", FORGETFUL, indirect=True)
def test_a_job_whose_vm_was_lost_ends_or_is_left_to_its_forge_and_leaves_no_runner(farm):
    farm.place.push({"build": {"runs-on": ["small"]}})
    engine, runner = farm.engine()
    eventually(engine.take)
    farm.until(lambda: farm.job().state == "in_progress" and farm.job().vm_id)
    VM.objects.update(died_at=farm.clock(), next_step_at=farm.clock())
    farm.until(farm.gone)
    assert farm.driver.runners() == []
    assert farm.driver.waiting_jobs() == []
    assert farm.grid.vms == {}


def test_a_forge_that_is_down_for_ten_minutes_costs_time_and_no_job(farm):
    farm.place.push({"build": {"runs-on": ["small"]}})
    eventually(farm.driver.waiting_jobs)
    with farm.place.forge.with_faults(down_for=600):
        for _ in range(10):
            farm.go_on(60)
        assert farm.job() is None
        farm.connection.refresh_from_db()
        assert farm.connection.next_poll_at > farm.clock()
    engine, runner = farm.engine()
    eventually(engine.take)
    engine.finish()
    farm.done(runner)
    farm.until(farm.gone)
    assert farm.job().conclusion == "success"


def test_two_alike_jobs_have_two_vms_and_each_its_own(farm):
    for file in ("one", "two"):
        farm.place.push({file: {"runs-on": ["small"]}, f"{file}-more": {"runs-on": ["small"]}}, file=file)
    wanted = len(eventually(lambda: len(seen := farm.driver.waiting_jobs()) >= 2 and seen))
    farm.until(lambda: Runner.objects.exclude(registered_at=None).count() == wanted)
    engines = []
    for runner in Runner.objects.order_by(
        "-pk"
    ):  # the last one first: any may take any job that it was made like
        order = orders.ready(runner.vm_id, farm.clock())
        engines.append((farm.place.engine(farm.driver.order(order.credential, order.labels)), order))
    for engine, _ in engines:
        eventually(engine.take)
    farm.until(lambda: Job.objects.filter(state="in_progress").exclude(vm=None).count() == wanted)
    for engine, order in engines:
        engine.finish()
        farm.done(order)
    farm.until(farm.gone)
    ended = Job.objects.filter(conclusion="success")
    assert len({job.vm_id for job in ended}) == wanted


@pytest.mark.parametrize("farm", TELLING, indirect=True)
@pytest.mark.parametrize("turned", [False, True], ids=["in order", "the last first"])
def test_deliveries_in_any_order_twice_or_with_gaps_end_as_one_job_that_has_ended(farm, turned):
    receiver = Receiver()
    farm.driver.hook(receiver.address, Secret("s3cret"))
    farm.place.push({"build": {"runs-on": ["small"]}})
    (seen,) = eventually(farm.driver.waiting_jobs)
    engine = farm.place.engine(farm.driver.order(farm.driver.register("a", ["small"]).credential, ["small"]))
    eventually(engine.take)
    engine.finish()
    eventually(lambda: {job.status for job in farm.heard(receiver)} == {"queued", "in_progress", "completed"})
    receiver.close()
    heard = farm.heard(receiver)
    for told in (heard[::-1] if turned else heard), heard[::2]:
        for job in told:
            ingest.observe(farm.connection, job, farm.clock())
    polling.ask(farm.connection, farm.world, farm.clock.tick(30))
    (job,) = Job.objects.all()
    assert (job.forge_job_id, job.state, job.conclusion) == (seen.job_id, "completed", "success")


def test_what_is_left_at_a_forge_is_found_and_taken_away_before_an_unlinking_ends(farm):
    lost = farm.driver.register(f"{Runner.prefix()}9-999", ["small"])
    assert lost.runner_id and Runner.prefix().startswith(f"fh-{instance()}")
    connections.begin_disconnect(farm.connection, farm.clock())
    farm.connection.refresh_from_db()
    assert garbage_collection.disconnecting(farm.connection, farm.driver, farm.clock() + timedelta(minutes=5))
    assert farm.driver.runners() == []
    farm.connection.refresh_from_db()
    assert farm.connection.disconnected_at and farm.connection.token == Secret("")


def test_the_same_reading_twice_is_one_job(farm):
    farm.place.push({"build": {"runs-on": ["small"]}})
    (seen,) = eventually(farm.driver.waiting_jobs)
    for _ in range(2):
        ingest.observe(farm.connection, seen, farm.clock(), asked_at=farm.clock())
    assert Job.objects.count() == 1
