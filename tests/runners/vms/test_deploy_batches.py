"""A twin's turns on the chain, and placing what a wallet wants."""

from datetime import timedelta

import pytest

from billing import wallets
from runners.models import VM
from runners.vms import deploy_batches, last_failure
from runners.vms.placement import Choice
from tests.builders import NOON, a_node, a_pool, a_price, a_twin, a_vm, a_wallet
from tests.worlds import Crash, a_world
from tfci.grid.ports import OutOfFunds, Refusal, Unavailable, Within
from tfci.grid.reasons import AccountLacksFee, DeploymentFailed, GridSilent

pytestmark = pytest.mark.django_db


@pytest.fixture
def outside():
    return a_world()


class TestSending:
    def test_all_that_was_ordered_goes_in_one_batch(self, outside):
        world, _, grid, clock = outside
        pool = a_pool()
        vms = [a_vm("deploying", pool) for _ in range(3)]
        assert deploy_batches.send(vms[0].wallet.twin_id, world, clock()).vms == {vm.pk for vm in vms}
        assert len(grid.vms) == 3
        vms[0].refresh_from_db()
        assert (vms[0].deployed_at, vms[0].contract_created_at) == (NOON, NOON)

    def test_the_node_remembers_how_long_its_deploy_took(self, outside):
        world, _, grid, clock = outside
        vm = a_vm("deploying")
        deploy = grid.deploy
        grid.deploy = lambda orders: (deploy(orders), clock.tick(12))[0]
        deploy_batches.send(vm.wallet.twin_id, world, clock())
        vm.node.refresh_from_db()
        assert vm.node.deploy_ms == [12_000]

    def test_a_batch_carries_at_most_twenty(self, outside):
        world, _, grid, clock = outside
        pool = a_pool()
        vms = [a_vm("deploying", pool) for _ in range(21)]
        deploy_batches.send(vms[0].wallet.twin_id, world, clock())
        assert len(grid.vms) == 20

    def test_a_team_that_wants_few_is_served_beside_one_that_asked_before_for_many(self, outside):
        world, _, grid, clock = outside
        many, few = a_pool(), a_pool()
        first, *_ = [a_vm("deploying", many) for _ in range(30)]
        a_wallet(few.team, twin=first.wallet.twin)
        late = [a_vm("deploying", few, ordered_at=NOON + timedelta(seconds=9)) for _ in range(3)]
        moved = deploy_batches.send(first.wallet.twin_id, world, clock()).vms
        assert {first.pk, *(vm.pk for vm in late)} < moved

    def test_of_one_team_the_oldest_go_first(self, outside):
        world, _, grid, clock = outside
        pool = a_pool()
        young = a_vm("deploying", pool, ordered_at=NOON + timedelta(seconds=9))
        old = [a_vm("deploying", pool) for _ in range(20)]
        assert deploy_batches.send(young.wallet.twin_id, world, clock()).vms == {vm.pk for vm in old}

    def test_one_that_got_no_turn_on_the_chain_comes_before_others_of_its_place(self, outside):
        world, _, grid, clock = outside
        many, few = a_pool(), a_pool()
        first = a_vm("deploying", many)
        a_wallet(few.team, twin=first.wallet.twin)
        without = a_vm("deploying", few, ordered_at=NOON + timedelta(seconds=9), sent_at=NOON)
        asked = []
        grid.deploy = lambda orders: asked.extend(order.name for order in orders) or []
        deploy_batches.send(first.wallet.twin_id, world, clock())
        assert asked == [without.name, first.name]

    def test_when_it_was_sent_first_stays_known(self, outside):
        world, _, grid, clock = outside
        vm = a_vm("deploying")
        grid.deploy = lambda orders: []
        for _ in range(2):
            deploy_batches.send(vm.wallet.twin_id, world, clock.tick(60))
        vm.refresh_from_db()
        assert vm.sent_at == NOON + timedelta(seconds=60)

    def test_a_turn_that_died_after_its_deploy_makes_no_second_vm(self, outside):
        world, _, grid, clock = outside
        vm = a_vm("deploying")
        grid.lose_answer = True
        with pytest.raises(Crash):
            deploy_batches.send(vm.wallet.twin_id, world, clock())
        assert deploy_batches.send(vm.wallet.twin_id, world, clock()).vms == {vm.pk}
        assert grid.deployed == 1
        vm.refresh_from_db()
        assert vm.contract_ids == [2, 3]

    def test_a_refusal_marks_the_node_and_is_written_down(self, outside):
        world, _, grid, clock = outside
        vm = a_vm("deploying")
        grid.refuse[vm.node.node_id] = "no room"
        deploy_batches.send(vm.wallet.twin_id, world, clock())
        vm.refresh_from_db()
        assert (vm.typed_refusal, vm.node.failures, vm.retry_at) == (DeploymentFailed("no room"), 1, None)
        assert last_failure.reason(vm.node) == DeploymentFailed("no room")

    def test_what_came_up_in_the_same_batch_does_not_forgive_a_refusal(self, outside):
        world, _, grid, clock = outside
        pool = a_pool()
        refused = a_vm("deploying", pool)
        a_vm("deploying", pool)
        VM.objects.update(node=refused.node)
        deploy = grid.deploy
        grid.deploy = lambda orders: [Refusal(refused.name, DeploymentFailed("no room")), *deploy(orders[1:])]
        deploy_batches.send(refused.wallet.twin_id, world, clock())
        refused.node.refresh_from_db()
        assert refused.node.blocked_until == NOON + timedelta(minutes=2)

    def test_an_account_without_funds_marks_no_node(self, outside):
        world, _, grid, clock = outside
        vm = a_vm("deploying")
        grid.deploy = _raises(OutOfFunds(AccountLacksFee()))
        deploy_batches.send(vm.wallet.twin_id, world, clock())
        vm.refresh_from_db()
        assert (vm.typed_refusal, vm.node.failures) == (AccountLacksFee(), 0)
        assert vm.retry_at == NOON + timedelta(seconds=30)

    def test_a_silent_chain_is_told_to_the_operator_and_loses_nothing(self, outside):
        world, _, grid, clock = outside
        vm = a_vm("deploying")
        grid.broken = Unavailable("no answer")
        assert deploy_batches.send(vm.wallet.twin_id, world, clock()).vms == set()
        vm.wallet.twin.refresh_from_db()
        assert vm.wallet.twin.typed_problem == GridSilent("no answer")
        grid.broken = None
        assert deploy_batches.send(vm.wallet.twin_id, world, clock()).vms == {vm.pk}

    def test_nobody_acts_while_another_holds_the_lease(self, outside):
        world, _, grid, clock = outside
        vm = a_vm("deploying")
        with wallets.signing(vm.wallet.twin_id, clock(), clock):
            assert deploy_batches.send(vm.wallet.twin_id, world, clock()).vms == set()
        assert grid.vms == {}

    def test_a_holder_that_died_costs_one_lease(self, outside):
        world, _, _, clock = outside
        twin = a_twin(signing="dead", signing_until=NOON + timedelta(seconds=200))
        pool = a_pool()
        vm = a_vm("deploying", pool, wallet=a_wallet(pool.team, twin=twin))
        assert deploy_batches.send(twin.pk, world, clock()).vms == set()
        assert deploy_batches.send(twin.pk, world, clock.tick(201)).vms == {vm.pk}

    def test_a_vm_that_was_retired_before_its_turn_is_not_sent(self, outside):
        world, _, grid, clock = outside
        vm = a_vm("deploying", retire_reason="unplaced")
        deploy_batches.send(vm.wallet.twin_id, world, clock())
        assert grid.vms == {}

    def test_the_order_carries_the_bootstrap_token_and_shows_it_to_nobody(self):
        order = deploy_batches.order(a_vm("deploying"), Choice())
        names = ("AGENT_URL", "VM", "TOKEN", "PROTECTION")
        assert set(order.environment) == {f"FARMHAND_{name}" for name in names}
        assert order.environment["FARMHAND_TOKEN"].reveal() not in repr(order)

    @pytest.mark.parametrize("failed, within", [([], Within("europe")), ([7], None)])
    def test_any_node_of_the_pools_kind_will_do_until_one_refused(self, failed, within):
        pool = a_pool(nodes={"regions": ["Europe"]})
        order = deploy_batches.order(a_vm("deploying", pool, failed_nodes=failed), Choice.read(pool.nodes))
        assert order.within == within

    def test_a_vm_that_the_grid_put_elsewhere_is_shown_and_charged_there(self, outside):
        world, _, grid, clock = outside
        a_price()
        there, vm = a_node(certified=True), a_vm("deploying")
        grid.elsewhere = there.node_id
        deploy_batches.send(vm.wallet.twin_id, world, clock())
        vm.refresh_from_db()
        assert (vm.node, vm.quote.node_id, vm.quote.certified) == (there, there.node_id, True)
        there.refresh_from_db()
        assert there.deploys == 1

    def test_a_vm_that_the_grid_put_on_a_node_that_we_do_not_know_keeps_ours(self, outside):
        world, _, grid, clock = outside
        vm = a_vm("deploying")
        node, grid.elsewhere = vm.node, 404
        deploy_batches.send(vm.wallet.twin_id, world, clock())
        vm.refresh_from_db()
        assert vm.node == node and vm.deployed_at


class TestCancelling:
    def test_all_that_must_go_goes_in_one_batch_with_its_end(self, outside):
        world, _, grid, clock = outside
        pool = a_pool()
        vms = [a_vm("deploying", pool) for _ in range(2)]
        deploy_batches.send(vms[0].wallet.twin_id, world, clock())
        VM.objects.update(state="removing", state_changed_at=NOON)
        deploy_batches.send(vms[0].wallet.twin_id, world, clock.tick(60))
        assert grid.vms == {}
        vms[0].refresh_from_db()
        assert vms[0].contract_ended_at == clock()

    def test_a_turn_that_died_after_its_cancel_learns_the_end_at_the_next(self, outside):
        world, _, grid, clock = outside
        vm = a_vm("deploying")
        deploy_batches.send(vm.wallet.twin_id, world, clock())
        VM.objects.update(state="removing", state_changed_at=NOON)
        grid.lose_answer = True
        with pytest.raises(Crash):
            deploy_batches.send(vm.wallet.twin_id, world, clock.tick(60))
        deploy_batches.send(vm.wallet.twin_id, world, clock.tick(60))
        vm.refresh_from_db()
        assert vm.contract_ended_at == NOON + timedelta(seconds=60)

    def test_one_whose_deploy_was_never_recorded_is_paid_for_from_its_creation(self, outside):
        world, _, grid, clock = outside
        vm = a_vm("deploying")
        grid.lose_answer = True
        with pytest.raises(Crash):
            deploy_batches.send(vm.wallet.twin_id, world, clock())
        VM.objects.update(state="removing", state_changed_at=NOON)
        deploy_batches.send(vm.wallet.twin_id, world, clock.tick(60))
        vm.refresh_from_db()
        assert (vm.contract_created_at, vm.contract_ended_at) == (NOON, NOON + timedelta(seconds=60))

    def test_one_that_never_arrived_is_gone_without_a_bill(self, outside):
        world, _, _, clock = outside
        vm = a_vm("removing", sent_at=NOON, contract_created_at=None, deployed_at=None)
        deploy_batches.send(vm.wallet.twin_id, world, clock())
        vm.refresh_from_db()
        assert (vm.removed_at, vm.contract_ended_at) == (NOON, None)


def _raises(error):
    def act(*_):
        raise error

    return act
