"""All of the money as one model: people pay in and out, VMs run and are lost, blocks are made and replaced, nodes lie,
and processes die after any statement. Nothing is credited before it is final, paid twice or lost."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import hypothesis.strategies as st
import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from billing import ledger, wallets
from billing.models import AccountBalance, CashierAct, Withdrawal
from billing.withdrawals import requests, unknown_acts
from practice.chain.errors import Invalid
from practice.chain.notices import FeeSet
from runners.metering import verification
from runners.models import VM
from tests.billing.money import Money, dying, stellar_address, tft
from tests.billing.withdrawals.desk import CASHIER
from tests.builders import a_user, number
from tfci.grid.ports import GridError

TEAMS = 2
teams = st.integers(0, TEAMS - 1)
amounts = st.sampled_from(["0.0000001", "0.5", "9.9999999", "10", "37.0000003"])
which_vm = st.integers(0, 5)
dies = st.none() | st.integers(0, 12)
faults = st.sampled_from([{}, {}, {}, {"claimed": bytes(32)}, {"unfinal": 2}, {"behind": 3}])
KEPT = ("stopped", "expired", "failed")  # withdrawals whose TFT never left


class AllMoney(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.before = transaction.savepoint()
        self.money, self.operator = Money(TEAMS), a_user()
        self.teams, self.stale = self.money.teams, self.money.cashier_now()
        self.returned = set()
        for team in self.teams:
            self.money.pay([(team, tft("40"))])
        self.money.turns(2)

    # TFT that come

    @rule(which=teams, amount=amounts)
    def somebody_pays(self, which, amount):
        self.money.pay([(self.teams[which], tft(amount))])

    @rule(which=teams, amount=amounts)
    def a_deposit_arrives(self, which, amount):
        self.somebody_pays(which, amount)
        self.money.blocks()
        self.money.turn()

    @rule(amount=amounts, other=amounts)
    def somebody_pays_several_at_once(self, amount, other):
        first, last = self.teams[0], self.teams[-1]
        self.money.pay([(first, tft(amount)), (last, tft(other)), (first, tft(other))])

    @rule(which=teams, amount=amounts)
    def the_bridge_mints(self, which, amount):
        self.money.mint(self.money.address(self.teams[which]), tft(amount), f"stellar {next(number)}")

    @rule(which=teams, dies=dies)
    def the_operator_grants(self, which, dies):
        if not ledger.spent(team=self.teams[which]):
            with dying(dies):
                self.money.grant(self.teams[which], tft("3"))

    @rule(which=teams, key=st.integers(1, 3), dies=dies)
    def the_operator_adds(self, which, key, dies):
        with dying(dies):
            self.money.add(self.teams[which], f"operator {which} {key}", key * tft("4.2"))

    # VMs

    @rule(which=teams, price=st.sampled_from(["0.0000007", "2.125", "7.7777777"]))
    def a_vm_is_ordered(self, which, price):
        if VM.objects.alive().count() < 6:
            self.money.order(self.teams[which], price)

    @rule(which=which_vm, refused=st.booleans())
    def the_grid_answers(self, which, refused):
        if vm := self._vm(which, "deploying"):
            if refused:
                self.money.refuse(vm)
            else:
                self.money.start(vm)

    @rule(which=which_vm, dies=dies)
    def a_vm_is_charged(self, which, dies):
        if vm := self._vm(which, "busy"):
            with dying(dies):
                self.money.settle(vm)

    @rule(which=which_vm, jobs=st.integers(0, 3), dies=dies)
    def a_vm_ends_or_is_lost(self, which, jobs, dies):
        if vm := self._vm(which, "busy"):
            self.money.run_jobs(vm, jobs)
            self.money.lose(vm)
            with dying(dies):
                self.money.finish(vm)

    @rule(which=which_vm, dies=dies)
    def its_end_is_taken_up_again(self, which, dies):
        if vm := self._vm(which, "removing"):
            with dying(dies):
                self.money.finish(vm)

    @rule(which=teams, dies=dies)
    def charges_are_rolled_up(self, which, dies):
        with dying(dies):
            self.money.roll_up(self.teams[which])

    @rule(minutes=st.sampled_from([1, 17, 190]))
    def time_passes(self, minutes):
        self.money.wait(timedelta(minutes=minutes))

    # TFT that leave

    @rule(which=teams, amount=amounts, by_bridge=st.booleans())
    def somebody_asks(self, which, amount, by_bridge):
        if by_bridge:
            to = {"address": stellar_address(), "route": requests.Route.STELLAR, "bridge_fee": "1"}
            self.money.ask(self.teams[which], amount, **to)
        else:
            self.money.ask(self.teams[which], amount)

    @rule(which=teams, amount=amounts, by_bridge=st.booleans())
    def a_withdrawal_is_due(self, which, amount, by_bridge):
        self.somebody_asks(which, amount, by_bridge)
        self.somebody_confirms(which)
        self.money.wait(requests.delay())

    @rule(which=teams)
    def somebody_confirms(self, which):
        if row := requests.open_of(self.teams[which]):
            self.money.confirm(row)

    @rule(which=teams)
    def an_owner_stops_it(self, which):
        if row := requests.open_of(self.teams[which]):
            requests.stop(row, None, self.money.now)

    @rule(again=st.booleans())
    def the_bridge_gives_back(self, again):
        for burn in self.money.final_burns():
            if again or burn.burn_id not in self.returned:
                self.returned.add(burn.burn_id)
                self.money.mint(CASHIER, max(1, burn.amount - tft("1")), f"refund-{burn.burn_id}")

    # Processes

    @rule(dies=dies, fault=faults)
    def a_turn(self, dies, fault):
        node = self.money.till.view
        self.money.till.view = replace(node, **fault)
        with suppress(GridError), dying(dies):
            self.money.turn()
        self.money.till.view = node

    @rule(lives=st.integers(0, 20), late=st.booleans())
    def a_turn_that_ends_at_a_call_of_the_chain(self, lives, late):
        self.money.killed_in(lives, late)

    @rule()
    def a_turn_without_answers(self):
        self.money.payer.deaf = True
        with suppress(GridError):
            self.money.turn()
        self.money.payer.deaf = False

    @rule(dies=dies)
    def another_watcher_sees_it_too(self, dies):
        with suppress(GridError), dying(dies):
            self.money.watch_as(self.stale)
        self.stale = self.money.cashier_now()

    # The chain

    @rule(count=st.integers(1, 3), lag=st.integers(0, 3))
    def blocks(self, count, lag):
        self.money.blocks(count, lag=lag)

    @rule()
    def many_blocks(self):
        """More than the time of an act."""
        self.money.blocks(66)

    @rule(forgets=st.booleans())
    def a_fork(self, forgets):
        """`forgets`: what stood only on the blocks that are left comes never again."""
        chain, now = self.money.till.chain, self.money.till.chain.best.at
        one = chain.seal(now, parent=chain.final.hash, author="other")
        while chain.best.number >= one.number and chain.best is not one:
            one = chain.seal(now, parent=one.hash, author="other")
        if forgets:
            chain._acts.clear()
            chain._notices.clear()

    @rule(percent=st.sampled_from([100, 100, 100, 900]))
    def the_fee_changes(self, percent):
        self.money.blocks(1, FeeSet(percent))

    @rule()
    def another_program_takes_a_number(self):
        living = CashierAct.objects.filter(state="sent").first()
        with suppress(Invalid):
            self.money.foreign_act(nonce=living.nonce if living else None)

    @rule()
    def the_operator_has_compared_all(self):
        if seen := unknown_acts.reported():
            unknown_acts.release(self.money.cashier, seen.next_number, self.operator, self.money.now)

    # What holds

    @invariant()
    def nothing_is_credited_before_it_is_final(self):
        final = self.money.paid_in()
        assert all(amount <= final[team] for team, amount in self.money.credited().items())

    @invariant()
    def no_withdrawal_is_paid_twice_or_after_it_was_given_back(self):
        burnt = [(burn.target.decode(), burn.amount + tft("1")) for burn in self.money.burns()]
        for row in Withdrawal.objects.all():
            paid = [amount for target, amount in burnt if target == row.address]
            paid += self.money.payments(row.address)
            assert paid in ([], [row.amount])
            if row.state in KEPT:
                assert not paid, row.state
            if row.state in ("paid", "returned"):
                assert paid, row

    @invariant()
    def accounts_add_up_to_nothing(self):
        assert sum(AccountBalance.objects.values_list("amount", flat=True)) == 0

    @rule()
    def it_verifies(self):
        findings = verification.verify(self.money.now)
        assert findings.count == 0, findings.differences

    def teardown(self):
        try:
            self._come_to_an_end()
        finally:
            transaction.savepoint_rollback(self.before)

    def _come_to_an_end(self):
        """Once the chain and its processes go on: each team has what came, less what left."""
        money = self.money
        money.till.view = replace(money.till.view, behind=0, unfinal=0, claimed=None)
        money.mint(CASHIER, tft("1000"), "top up")
        for _ in range(5):
            money.blocks(66)
            self.the_operator_has_compared_all()
            money.wait(requests.delay())
            self._catch_up()
        for vm in VM.objects.alive().select_related("quote"):
            if vm.state == "busy":
                money.lose(vm)
            if vm.state == "deploying":
                money.refuse(vm)
            else:
                money.finish(vm)
        for team in self.teams:
            assert ledger.balance(wallets.for_team(team).pk) == money.balance_due(team)
        assert money.credited() == +money.paid_in()
        assert not Withdrawal.objects.filter(state__in=["held", "in_flight"]).exists()
        left = AccountBalance.objects.filter(account__regex="^(held:|in_flight)")
        assert {int(one.amount) for one in left} <= {0}
        self.it_verifies()

    def _catch_up(self):
        """A turn reads some blocks only."""
        for _ in range(60):
            self.money.turn()
            if self.money.cashier_now().block_number == self.money.till.chain.final.number:
                return
        raise AssertionError("the watcher does not come to the end")

    def _vm(self, which, state):
        vms = list(VM.objects.alive().filter(state=state).select_related("quote", "pool").order_by("pk"))
        return vms[which % len(vms)] if vms else None


def run(examples, steps, **more):
    profile = settings(
        max_examples=examples,
        stateful_step_count=steps,
        suppress_health_check=list(HealthCheck),
        deadline=None,
        **more,
    )
    run_state_machine_as_test(AllMoney, settings=profile)


@pytest.mark.django_db
def test_nothing_is_lost_or_paid_twice_or_credited_too_early():
    run(examples=3, steps=30, derandomize=True)


@pytest.mark.proof
@pytest.mark.django_db
def test_two_thousand_installations_lose_nothing_and_pay_nothing_twice():
    run(examples=2000, steps=50)
