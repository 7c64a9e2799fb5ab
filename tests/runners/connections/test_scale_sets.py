"""Jobs heard of by scale sets, from GitHub's counterpart over real sockets to rows."""

from datetime import timedelta

import msgspec
import pytest

from runners.agents import reports
from runners.agents.schemas import Claim
from runners.connections import scale_sets
from runners.gateways import Gateways
from runners.jobs import ingest
from runners.models import VM, Job, Runner
from runners.queue.effects import Effects
from runners.vms import garbage_collection, orders
from runners.web.agent import Done
from tests.builders import NOON, a_connection, a_node, a_pool, a_price, a_runner, a_vm, a_wallet
from tests.contracts.github_harness import GitHubEngine, GitHubForge
from tests.walks import settle
from tests.worlds import FakeGrid
from tfci.core.secret import Secret
from tfci.core.vault import derive, instance
from tfci.forges import connections, registry
from tfci.forges.github import webhooks
from tfci.forges.models import Connection, ScaleSet
from tfci.forges.problems import ProblemCode

pytestmark = pytest.mark.django_db
SCOPES = ["organization_self_hosted_runners:write", "actions:read"]


@pytest.fixture(scope="module")
def github():
    made = GitHubForge(None)
    made.scale_sets.holds = 0.01
    yield made
    made.stop()


@pytest.fixture
def house(github, settings):
    settings.ALLOWED_FORGE_ORIGINS = [github.url]
    settings.SCALE_SETS = settings.UNSAFE_LOCAL_JOBS = True
    github.world.clock.stand(NOON)
    return House(github)


class House:
    """A team with an organisation at GitHub, which sends no webhook and is never polled, and a pool."""

    def __init__(self, github):
        self.github, self.clock = github, github.world.clock.now
        self.grid = FakeGrid(self.clock)
        self.world = Gateways(self._forge, lambda twin: self.grid, self.clock, scale_sets=self._sets)
        name = f"org-{github.world.number()}"
        github.world.account(name, owner="ann")
        github.world.repo(name, "app")
        token = Secret(github.world.personal_token("ann", SCOPES, name))
        self.connection = a_connection(forge="github", url=github.url, name=name, token=token, way="poll")
        self.pool = a_pool(self.connection.team, [self.connection], sizes=["small"])
        self.settle()

    def _forge(self, connection):
        return registry.forge(connection, self.github.world.clock.seconds)

    def _sets(self, connection):
        return registry.scale_sets(connection, self.github.world.clock.seconds)

    def settle(self):
        scale_sets.settle(self.clock())

    def row(self):
        return ScaleSet.objects.get(connection=self.connection)

    def there(self):
        """Its scale set at GitHub, or None."""
        all_sets = self.github.world.scale_sets.values()
        return next((one for one in all_sets if one.place == f"orgs/{self.connection.name}"), None)

    def turn(self, seconds=3):
        """What the worker does next, so long after its last turn."""
        self.github.world.clock.move(seconds)
        effects = Effects()
        for pk, _ in scale_sets.due(self.clock()):
            effects.add(scale_sets.step(scale_sets.lease_due(pk, self.clock()), self.world))
        return effects

    def listening(self):
        """Its set is made and its session open; GitHub knows how much room there is."""
        self.turn()
        self.turn()
        return self

    def push(self, labels="small"):
        return self.github.actions.push(f"{self.connection.name}/app", {"build": {"runs-on": labels}})


# Which sets there are


def test_there_is_a_set_for_each_named_size_that_a_pool_serves(house):
    house.pool.sizes = ["small", "large"]
    house.pool.save()
    house.settle()
    known = ScaleSet.objects.filter(connection=house.connection, wanted=True)
    assert set(known.values_list("label", flat=True)) == {"small", "medium", "large"}


@pytest.mark.parametrize(
    "change", [{"anchors": ["gpu"]}, {"repositories": ["acme/app"]}, {"closing_at": NOON}], ids=str
)
def test_there_is_none_where_no_pool_serves_all_jobs_of_its_label(house, change):
    type(house.pool).objects.update(**change)
    house.settle()
    assert not house.row().wanted


def test_there_is_none_unless_the_operator_turns_it_on(house, settings):
    house.listening()
    settings.SCALE_SETS = False
    house.settle()
    house.turn()
    assert house.there() is None and not ScaleSet.objects.exists()
    house.settle()
    assert not ScaleSet.objects.exists()


def test_other_forges_have_none(house):
    a_pool(house.connection.team, [a_connection(house.connection.team)])
    house.settle()
    assert ScaleSet.objects.count() == 1


def test_another_runner_group_takes_another_set(house):
    house.listening()
    group = house.github.world.group(house.connection.name, "trusted")
    Connection.objects.update(runner_group="trusted")
    house.settle()
    house.turn()
    house.settle()
    house.turn()
    assert house.there().group == group


def test_a_set_bears_our_name_and_one_label(house):
    house.listening()
    assert (house.there().name, house.there().labels) == (f"fh-{instance()}-small", ["small"])
    assert house.there().session.owner == f"farmhand-{instance()}"


# Hearing


def test_a_job_is_heard_of_without_webhook_or_poll(house):
    house.listening()
    run = house.push()
    effects = house.turn()
    job = Job.objects.get()
    assert (job.run_id, job.repository, job.state) == (str(run.id), f"{house.connection.name}/app", "queued")
    assert (job.discovered_by, job.pool, job.forge_job_id) == (
        "scale set",
        house.pool,
        str(run.current()[0].id),
    )
    assert effects.pools == {house.pool.pk}
    row = house.row()
    assert (row.last_message_at, row.assigned, row.problem) == (house.clock(), 1, "")
    assert house.there().messages == {}


def test_who_polls_is_told_which_run_needs_no_more_looking_for(house):
    house.listening()
    run = house.push()
    house.turn()
    memory = registry.KINDS["github"].options(house.connection, house.github.world.clock.seconds)["memory"]
    told = webhooks.recent(memory, house.github.world.clock.seconds())
    assert [(word.repository, word.run_id, word.over) for word in told] == [
        (f"{house.connection.name}/app", str(run.id), False)
    ]


def test_nothing_to_tell_is_an_answer_too(house):
    house.listening()
    assert house.turn() == Effects()
    assert (house.row().answered_at, house.row().last_message_at) == (house.clock(), None)


def test_a_whole_job_runs_though_nothing_but_its_scale_set_tells_of_it(house):
    a_wallet(house.connection.team)
    a_price()
    a_node()
    house.listening()
    house.push()
    house.turn()
    walk(house)
    (runner,) = Runner.objects.exclude(registered_at=None)
    assert house.github.world.runners[int(runner.forge_runner_id)].scale_set is house.there()
    order = orders.ready(runner.vm_id, house.clock())
    engine = GitHubEngine(house.github, house._forge(house.connection).order(order.credential, order.labels))
    reports.started(runner.vm, runner.pk, house.clock())
    assert engine.take()
    house.turn()
    walk(house)
    assert (Job.objects.get().state, Job.objects.get().vm_id) == ("in_progress", runner.vm_id)
    engine.finish()
    reports.done(
        runner.vm, msgspec.structs.asdict(Done(runner.pk, "exited", "It ended.", exit_code=0)), house.clock()
    )
    house.turn()
    walk(house)
    assert (Job.objects.get().state, Job.objects.get().conclusion) == ("completed", "success")
    assert not VM.objects.exclude(state="gone").exists() and house.grid.vms == {}
    assert house._forge(house.connection).runners() == []


def walk(house):
    """VMs and what is decided for them, until nothing moves; each agent calls as soon as it is up."""
    for _ in range(3):
        settle(house.world, house.clock)
        for vm in VM.objects.filter(claimed_at=None).exclude(deployed_at=None):
            token = derive("boot", vm.pk).reveal()
            reports.claim(Claim(vm.pk, token, f"key {vm.pk}"), None, house.clock())
        VM.objects.update(last_heartbeat_at=house.clock())
        house.github.world.clock.move(20)


def test_a_job_on_offer_is_acquired(house, monkeypatch):
    monkeypatch.setattr(house.github.scale_sets, "asks", True)
    house.listening()
    run = house.push()
    house.turn()
    assert run.current()[0].scale_set is house.there() and Job.objects.count() == 1


def test_what_was_on_offer_before_anybody_listened_is_read_when_the_session_opens(house, monkeypatch):
    monkeypatch.setattr(house.github.scale_sets, "asks", True)
    row, sets = house.row(), house._sets(house.connection)
    row.set_id = sets.make(row.name, row.label)
    run = house.push()
    effects = house.turn()
    assert Job.objects.get().run_id == str(run.id)
    assert run.current()[0].scale_set is house.there()
    assert effects.connections == {house.connection.pk}


def test_a_job_that_a_webhook_told_of_too_is_one_job(house):
    house.listening()
    run = house.push()
    (seen,) = house._sets(house.connection).jobs(f"{house.connection.name}/app", str(run.id))
    ingest.observe(house.connection, seen, house.clock())
    house.turn()
    ingest.observe(house.connection, seen, house.clock())
    assert Job.objects.count() == 1


def test_a_job_that_was_assigned_and_taken_back_goes_on_waiting(house):
    house.listening()
    run = house.push()
    house.turn()
    house.github.scale_sets.take_back(run.current()[0])
    house.turn()
    assert Job.objects.get().state == "queued"
    house.turn()
    assert run.current()[0].scale_set is house.there() and Job.objects.count() == 1


def test_a_set_may_have_as_many_jobs_as_its_pool_has_vms_for_them(house):
    type(house.pool).objects.update(max_vms=3)
    ours, theirs = a_vm("busy", house.pool), a_vm("busy", house.pool)
    a_runner(ours, connection=house.connection, labels=["small"], label_key="small")
    a_runner(theirs, connection=house.connection, labels=["large"], label_key="large")
    house.listening()
    assert house.there().capacity == 2


# The end


def test_a_set_with_a_runner_left_waits_for_it(house, settings):
    house.listening()
    vm = a_vm("busy", house.pool)
    a_runner(vm, connection=house.connection, labels=["small"], label_key="small")
    settings.SCALE_SETS = False
    house.settle()
    house.turn()
    assert house.there() and ScaleSet.objects.exists()
    Runner.objects.update(deregistered_at=NOON)
    house.turn(10)
    assert house.there() is None and not ScaleSet.objects.exists()


def test_unlinking_takes_the_set_away_first(house):
    house.listening()
    connections.begin_disconnect(house.connection, house.clock())
    assert not disconnected(house)
    house.settle()
    house.turn()
    assert house.there() is None
    assert disconnected(house)


def test_unlinking_ends_though_the_token_has(house):
    house.listening()
    ScaleSet.objects.update(access_token=None)
    house.github.world.tokens.pop(house.connection.token.reveal())
    connections.begin_disconnect(house.connection, house.clock())
    house.settle()
    house.turn()
    [problem] = Connection.objects.get(pk=house.connection.pk).typed_problems
    assert problem.code == ProblemCode.SCALE_SET_LEFT
    assert disconnected(house)


def disconnected(house):
    connection = Connection.objects.get(pk=house.connection.pk)
    return garbage_collection.disconnecting(
        connection, house._forge(connection), house.clock() + timedelta(minutes=5)
    )
