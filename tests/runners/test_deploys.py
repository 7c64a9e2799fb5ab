"""A twin's turns on the chain, and placing what a wallet wants."""

from datetime import timedelta

import pytest

from billing import limits, wallets
from billing.limits import OwnCaps
from runners import deploys
from runners.models import VM
from runners.rules.placement import Choice
from tests.builders import NOON, a_node, a_pool, a_price, a_twin, a_vm, a_wallet
from tests.worlds import Crash, a_world
from tfci.grid.ports import OutOfFunds, Unavailable, Within
from tfci.tft import Tft

pytestmark = pytest.mark.django_db


@pytest.fixture
def outside():
    return a_world()


class TestPlacing:
    def test_each_wanted_vm_gets_a_node_and_a_quote(self):
        a_price()
        node, vm = a_node(), a_vm("wanted")
        assert deploys.place(vm.wallet_id, NOON) == {vm.pk}
        vm.refresh_from_db()
        assert vm.node == node
        assert vm.quote.usd_per_hour == 212_500  # 2 CU and a quarter SU: docs of the grid, worked table

    def test_without_prices_nothing_is_promised(self):
        a_node()
        vm = a_vm("wanted")
        assert deploys.place(vm.wallet_id, NOON) == set()
        vm.refresh_from_db()
        assert (vm.node, vm.why) == (None, "for the grid's prices to be read")

    def test_a_machine_that_is_dearer_than_its_pool_pays_waits_and_says_so(self):
        a_price()
        a_node(certified=True)
        pool = a_pool(nodes={"rule": {"max_price": "2.2"}})
        vm = a_vm("wanted", pool)
        assert deploys.place(vm.wallet_id, NOON) == set()
        vm.refresh_from_db()
        assert vm.why == "no node of the 1 chosen can take it: 1 dearer than 2.2000000 TFT an hour"
        cheaper = a_node()
        assert deploys.place(vm.wallet_id, NOON) == {vm.pk}
        vm.refresh_from_db()
        assert vm.node == cheaper

    def test_a_pool_that_packs_is_on_as_many_nodes_as_it_must_be_and_no_more(self):
        a_price()
        for _ in range(3):
            a_node()
        pool = a_pool(nodes={"rule": {"pack": True}}, min_distinct_nodes=2)
        vms = [a_vm("wanted", pool) for _ in range(4)]
        deploys.place(vms[0].wallet_id, NOON)
        on = VM.objects.filter(pool=pool).values_list("node", flat=True)
        assert sorted(map(list(on).count, set(on))) == [1, 3]

    def test_what_replaces_a_machine_of_a_lost_node_keeps_the_pool_on_as_many_nodes(self):
        a_price()
        pool = a_pool(nodes={"rule": {"pack": True}}, min_distinct_nodes=2)
        kept, lost, _ = a_node(), a_node(up=False), a_node()
        a_vm("standby", pool, node=kept)
        a_vm("removing", pool, node=lost)
        a_vm("standby", pool, node=lost, retire_why="node lost")
        vm = a_vm("wanted", pool)
        deploys.place(vm.wallet_id, NOON)
        vm.refresh_from_db()
        assert vm.node not in (kept, lost)

    def test_over_the_operators_limit_of_vms_it_waits_and_names_the_limit(self):
        a_price()
        a_node()
        pool = a_pool(max_vms=1000)
        limits.change(pool.team, OwnCaps(max_vms=2), "operator", NOON)
        running, first, second = a_vm("busy", pool), a_vm("wanted", pool), a_vm("wanted", pool)
        assert deploys.place(running.wallet_id, NOON) == {first.pk}
        second.refresh_from_db()
        assert second.why == "for another VM of the team to end: the operator’s limit for the team is 2 VMs"
        VM.objects.filter(pk=running.pk).update(state="gone")
        assert deploys.place(running.wallet_id, NOON) == {second.pk}

    def test_over_the_operators_limit_of_tft_an_hour_it_waits_and_says_the_numbers(self):
        a_price()
        a_node()
        pool = a_pool()
        limits.change(pool.team, OwnCaps(max_per_hour=Tft.parse("4")), "operator", NOON)
        a_vm("busy", pool)
        vm = a_vm("wanted", pool)
        assert deploys.place(vm.wallet_id, NOON) == set()
        vm.refresh_from_db()
        assert "its VMs cost 2.1250000 TFT/h, this one 2.1250000 TFT/h more" in vm.why

    def test_without_an_account_on_the_grid_it_waits_for_the_operator(self):
        a_price()
        a_node()
        pool = a_pool()
        vm = a_vm("wanted", pool, wallet=wallets.of(pool.team, NOON))
        assert deploys.place(vm.wallet_id, NOON) == set()
        vm.refresh_from_db()
        assert vm.why == "for the operator to open an account on the grid"
        twin = a_twin()
        assert deploys.place(vm.wallet_id, NOON) == {vm.pk}
        assert wallets.of(pool.team, NOON).twin == twin

    def test_a_balance_that_does_not_cover_the_first_hour_starts_nothing_and_says_so(self):
        a_price()
        a_node()
        pool = a_pool()
        vm = a_vm("wanted", pool, wallet=a_wallet(pool.team, "0"))
        assert deploys.place(vm.wallet_id, NOON) == set()
        vm.refresh_from_db()
        assert vm.why == (
            "for TFT: the balance must cover an hour of all that runs, "
            "and 2.1250000 TFT are missing for one more machine"
        )

    def test_what_runs_counts_against_the_balance(self):
        a_price()
        a_node()
        pool = a_pool()
        wallet = a_wallet(pool.team, "6")
        a_vm("busy", pool, wallet=wallet)  # 2.125 TFT an hour
        wanted = [a_vm("wanted", pool, wallet=wallet) for _ in range(2)]
        assert deploys.place(wallet.pk, NOON) == {wanted[0].pk}

    def test_what_was_promised_since_the_mirror_was_read_is_not_promised_again(self):
        a_price()
        a_node(free_mru=8 * 1024)
        pool = a_pool()
        first, second = a_vm("wanted", pool), a_vm("wanted", pool, created_at=NOON + timedelta(seconds=1))
        assert deploys.place(first.wallet_id, NOON) == {first.pk}
        assert deploys.place(first.wallet_id, NOON) == set()
        second.refresh_from_db()
        assert "less than 8 GB of memory free" in second.why

    def test_no_node_that_fits_is_explained(self):
        a_price()
        a_node(free_mru=1024)
        vm = a_vm("wanted")
        deploys.place(vm.wallet_id, NOON)
        vm.refresh_from_db()
        assert "less than 8 GB of memory free" in vm.why

    def test_a_node_that_refused_this_vm_is_not_asked_again(self):
        a_price()
        first, second = a_node(), a_node()
        vm = a_vm("wanted", failed_nodes=[first.node_id])
        deploys.place(vm.wallet_id, NOON)
        vm.refresh_from_db()
        assert vm.node == second


class TestSending:
    def test_all_that_was_ordered_goes_in_one_batch(self, outside):
        world, _, grid, clock = outside
        pool = a_pool()
        vms = [a_vm("deploying", pool) for _ in range(3)]
        assert deploys.send(vms[0].wallet.twin_id, world, clock()) == {vm.pk for vm in vms}
        assert len(grid.machines) == 3
        vms[0].refresh_from_db()
        assert (vms[0].deployed_at, vms[0].contract_created_at) == (NOON, NOON)

    def test_the_node_remembers_how_long_its_deploy_took(self, outside):
        world, _, grid, clock = outside
        vm = a_vm("deploying")
        deploy = grid.deploy
        grid.deploy = lambda orders: (deploy(orders), clock.tick(12))[0]
        deploys.send(vm.wallet.twin_id, world, clock())
        vm.node.refresh_from_db()
        assert vm.node.deploy_ms == [12_000]

    def test_a_batch_carries_at_most_twenty(self, outside):
        world, _, grid, clock = outside
        pool = a_pool()
        vms = [a_vm("deploying", pool) for _ in range(21)]
        deploys.send(vms[0].wallet.twin_id, world, clock())
        assert len(grid.machines) == 20

    def test_a_team_that_wants_few_is_served_beside_one_that_asked_before_for_many(self, outside):
        world, _, grid, clock = outside
        many, few = a_pool(), a_pool()
        first, *_ = [a_vm("deploying", many) for _ in range(30)]
        a_wallet(few.team, twin=first.wallet.twin)
        late = [a_vm("deploying", few, ordered_at=NOON + timedelta(seconds=9)) for _ in range(3)]
        moved = deploys.send(first.wallet.twin_id, world, clock())
        assert {first.pk, *(vm.pk for vm in late)} < moved

    def test_of_one_team_the_oldest_go_first(self, outside):
        world, _, grid, clock = outside
        pool = a_pool()
        young = a_vm("deploying", pool, ordered_at=NOON + timedelta(seconds=9))
        old = [a_vm("deploying", pool) for _ in range(20)]
        assert deploys.send(young.wallet.twin_id, world, clock()) == {vm.pk for vm in old}

    def test_one_that_got_no_turn_on_the_chain_comes_before_others_of_its_place(self, outside):
        world, _, grid, clock = outside
        many, few = a_pool(), a_pool()
        first = a_vm("deploying", many)
        a_wallet(few.team, twin=first.wallet.twin)
        without = a_vm("deploying", few, ordered_at=NOON + timedelta(seconds=9), sent_at=NOON)
        asked = []
        grid.deploy = lambda orders: asked.extend(order.name for order in orders) or []
        deploys.send(first.wallet.twin_id, world, clock())
        assert asked == [without.name, first.name]

    def test_when_it_was_sent_first_stays_known(self, outside):
        world, _, grid, clock = outside
        vm = a_vm("deploying")
        grid.deploy = lambda orders: []
        for _ in range(2):
            deploys.send(vm.wallet.twin_id, world, clock.tick(60))
        vm.refresh_from_db()
        assert vm.sent_at == NOON + timedelta(seconds=60)

    def test_a_turn_that_died_after_its_deploy_makes_no_second_machine(self, outside):
        world, _, grid, clock = outside
        vm = a_vm("deploying")
        grid.lose_answer = True
        with pytest.raises(Crash):
            deploys.send(vm.wallet.twin_id, world, clock())
        assert deploys.send(vm.wallet.twin_id, world, clock()) == {vm.pk}
        assert grid.deployed == 1
        vm.refresh_from_db()
        assert vm.contract_ids == [2, 3]

    def test_a_refusal_marks_the_node_and_is_written_down(self, outside):
        world, _, grid, clock = outside
        vm = a_vm("deploying")
        grid.refuse[vm.node.node_id] = "no room"
        deploys.send(vm.wallet.twin_id, world, clock())
        vm.refresh_from_db()
        assert (vm.refused_why, vm.node.failures) == ("no room", 1)

    def test_an_account_without_funds_marks_no_node(self, outside):
        world, _, grid, clock = outside
        vm = a_vm("deploying")
        grid.deploy = _raises(OutOfFunds("the account has 1 TFT"))
        deploys.send(vm.wallet.twin_id, world, clock())
        vm.refresh_from_db()
        assert (vm.refused_why, vm.node.failures) == ("the account has 1 TFT", 0)

    def test_a_silent_chain_is_told_to_the_operator_and_loses_nothing(self, outside):
        world, _, grid, clock = outside
        vm = a_vm("deploying")
        grid.broken = Unavailable("no answer")
        assert deploys.send(vm.wallet.twin_id, world, clock()) == set()
        vm.wallet.twin.refresh_from_db()
        assert vm.wallet.twin.trouble == "no answer"
        grid.broken = None
        assert deploys.send(vm.wallet.twin_id, world, clock()) == {vm.pk}

    def test_nobody_acts_while_another_holds_the_lease(self, outside):
        world, _, grid, clock = outside
        vm = a_vm("deploying")
        with wallets.signing(vm.wallet.twin_id, clock(), clock):
            assert deploys.send(vm.wallet.twin_id, world, clock()) == set()
        assert grid.machines == {}

    def test_a_holder_that_died_costs_one_lease(self, outside):
        world, _, _, clock = outside
        twin = a_twin(signing="dead", signing_until=NOON + timedelta(seconds=200))
        pool = a_pool()
        vm = a_vm("deploying", pool, wallet=a_wallet(pool.team, twin=twin))
        assert deploys.send(twin.pk, world, clock()) == set()
        assert deploys.send(twin.pk, world, clock.tick(201)) == {vm.pk}

    def test_a_machine_that_was_retired_before_its_turn_is_not_sent(self, outside):
        world, _, grid, clock = outside
        vm = a_vm("deploying", retire_why="no job")
        deploys.send(vm.wallet.twin_id, world, clock())
        assert grid.machines == {}

    def test_the_order_carries_the_bootstrap_token_and_shows_it_to_nobody(self):
        order = deploys.order(a_vm("deploying"), Choice())
        names = ("AGENT_URL", "VM", "TOKEN", "PROTECTION")
        assert set(order.environment) == {f"FARMHAND_{name}" for name in names}
        assert order.environment["FARMHAND_TOKEN"].reveal() not in repr(order)

    @pytest.mark.parametrize("failed, within", [([], Within("europe")), ([7], None)])
    def test_any_node_of_the_pools_kind_will_do_until_one_refused(self, failed, within):
        pool = a_pool(nodes={"regions": ["Europe"]})
        order = deploys.order(a_vm("deploying", pool, failed_nodes=failed), Choice.read(pool.nodes))
        assert order.within == within

    def test_a_machine_that_the_grid_put_elsewhere_is_shown_and_charged_there(self, outside):
        world, _, grid, clock = outside
        a_price()
        there, vm = a_node(certified=True), a_vm("deploying")
        grid.elsewhere = there.node_id
        deploys.send(vm.wallet.twin_id, world, clock())
        vm.refresh_from_db()
        assert (vm.node, vm.quote.node_id, vm.quote.certified) == (there, there.node_id, True)
        there.refresh_from_db()
        assert there.deploys == 1

    def test_a_machine_that_the_grid_put_on_a_node_that_we_do_not_know_keeps_ours(self, outside):
        world, _, grid, clock = outside
        vm = a_vm("deploying")
        node, grid.elsewhere = vm.node, 404
        deploys.send(vm.wallet.twin_id, world, clock())
        vm.refresh_from_db()
        assert vm.node == node and vm.deployed_at


class TestCancelling:
    def test_all_that_must_go_goes_in_one_batch_with_its_end(self, outside):
        world, _, grid, clock = outside
        pool = a_pool()
        vms = [a_vm("deploying", pool) for _ in range(2)]
        deploys.send(vms[0].wallet.twin_id, world, clock())
        VM.objects.update(state="removing", state_at=NOON)
        deploys.send(vms[0].wallet.twin_id, world, clock.tick(60))
        assert grid.machines == {}
        vms[0].refresh_from_db()
        assert vms[0].contract_ended_at == clock()

    def test_a_turn_that_died_after_its_cancel_learns_the_end_at_the_next(self, outside):
        world, _, grid, clock = outside
        vm = a_vm("deploying")
        deploys.send(vm.wallet.twin_id, world, clock())
        VM.objects.update(state="removing", state_at=NOON)
        grid.lose_answer = True
        with pytest.raises(Crash):
            deploys.send(vm.wallet.twin_id, world, clock.tick(60))
        deploys.send(vm.wallet.twin_id, world, clock.tick(60))
        vm.refresh_from_db()
        assert vm.contract_ended_at == NOON + timedelta(seconds=60)

    def test_one_whose_deploy_was_never_recorded_is_paid_for_from_its_creation(self, outside):
        world, _, grid, clock = outside
        vm = a_vm("deploying")
        grid.lose_answer = True
        with pytest.raises(Crash):
            deploys.send(vm.wallet.twin_id, world, clock())
        VM.objects.update(state="removing", state_at=NOON)
        deploys.send(vm.wallet.twin_id, world, clock.tick(60))
        vm.refresh_from_db()
        assert (vm.contract_created_at, vm.contract_ended_at) == (NOON, NOON + timedelta(seconds=60))

    def test_one_that_never_arrived_is_gone_without_a_bill(self, outside):
        world, _, _, clock = outside
        vm = a_vm("removing", sent_at=NOON, contract_created_at=None, deployed_at=None)
        deploys.send(vm.wallet.twin_id, world, clock())
        vm.refresh_from_db()
        assert (vm.removed_at, vm.contract_ended_at) == (NOON, None)


def _raises(error):
    def act(*_):
        raise error

    return act
