"""Withdrawals as a model: people, blocks, forks, other programs and deaths of processes in any order. Whatever happens,
each is paid once or its TFT are on the balance again."""

from contextlib import suppress

import hypothesis.strategies as st
import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from billing import ledger, verification, wallets
from billing.models import AccountBalance, CashierAct, Withdrawal
from billing.withdrawals import requests, stepping, unknown_acts, verification as withdrawals
from practice.chain.errors import Invalid
from practice.chain.notices import FeeSet
from runners.metering import charges
from tests.billing.withdrawals.desk import Desk
from tests.builders import NOON, a_user, number
from tfci.core.tft import Tft

TEAMS = 2
CHECKS = (*verification.CHECKS, *withdrawals.CHECKS)
teams = st.integers(0, TEAMS - 1)
amounts = st.sampled_from(["0.1", "7", "49.99", "60"])
KEPT = ("stopped", "expired", "failed")  # whose TFT never left


class Withdrawals(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.before = transaction.savepoint()
        self.desk = Desk()
        self.teams = [self.desk.team("50") for _ in range(TEAMS)]
        self.operator = a_user()

    # People

    @rule(which=teams, amount=amounts)
    def somebody_asks(self, which, amount):
        self.desk.ask(self.teams[which], amount)

    @rule(which=teams)
    def somebody_confirms(self, which):
        if row := requests.open_of(self.teams[which]):
            self.desk.confirm(row)

    @rule(which=teams)
    def an_owner_stops_it(self, which):
        if row := requests.open_of(self.teams[which]):
            requests.stop(row, None, self.desk.now)

    @rule(which=teams, amount=amounts)
    def vms_spend(self, which, amount):
        wallet = wallets.for_team(self.teams[which])
        taken = min(Tft.parse(amount), max(Tft(), ledger.balance(wallet.pk)))
        if taken:
            ledger.charge(wallet, f"vm {next(number)}", taken, NOON, use="job")

    @rule()
    def a_day_passes(self):
        self.desk.wait(requests.delay())

    # Processes

    @rule()
    def a_turn(self):
        self.desk.turn()
        self.no_unit_is_lost()

    @rule(lives=st.integers(0, 20), late=st.booleans())
    def a_turn_whose_process_dies(self, lives, late):
        self.desk.killed_in(lives, late)
        self.no_unit_is_lost()

    @rule(which=teams)
    def a_process_dies_between_two_steps(self, which):
        if row := requests.open_of(self.teams[which]):
            desk = self.desk
            stepping.step(row.pk, desk.cashier, desk.payer, charges.payable, desk.now)
            self.no_unit_is_lost()

    # The chain

    @rule(count=st.integers(1, 3), lag=st.integers(0, 2))
    def blocks(self, count, lag):
        self.desk.blocks(count, lag=lag)

    @rule()
    def many_blocks(self):
        """More than the time of an act."""
        self.desk.blocks(66)

    @rule()
    def a_fork(self):
        chain, now = self.desk.till.chain, self.desk.till.chain.best.at
        one = chain.seal(now, parent=chain.final.hash, author="other")
        while chain.best.number >= one.number and chain.best is not one:
            one = chain.seal(now, parent=one.hash, author="other")

    @rule(percent=st.sampled_from([100, 100, 100, 900]))
    def the_fee_changes(self, percent):
        self.desk.blocks(1, FeeSet(percent))

    @rule()
    def another_program_takes_a_number(self):
        living = CashierAct.objects.filter(state="sent").first()
        with suppress(Invalid):
            self.desk.foreign_act(nonce=living.nonce if living else None)

    @rule()
    def the_operator_has_compared_all(self):
        if seen := unknown_acts.reported():
            unknown_acts.release(self.desk.cashier, seen.next_number, self.operator, NOON)

    # What holds

    @invariant()
    def none_is_paid_twice_or_after_it_was_given_back(self):
        for row in Withdrawal.objects.all():
            paid = self.desk.payments(row.address)
            assert paid in ([], [row.amount])
            if row.state in KEPT:
                assert not paid, row.state
            if row.state == "paid":
                assert paid, row

    def no_unit_is_lost(self):
        """What teams have, what was paid and what VMs took is what came in: all accounts add up to 0, and each holds
        what the rows say."""
        assert verification.run(CHECKS, NOON).count == 0

    def teardown(self):
        """All comes to an end, once the chain goes on."""
        for _ in range(5):
            self.desk.blocks(66)
            self.the_operator_has_compared_all()
            self.desk.wait(requests.delay())
            self.desk.turn()
        assert not Withdrawal.objects.filter(state__in=["held", "in_flight"]).exists()
        left = AccountBalance.objects.filter(account__regex="^(held:|in_flight)")
        assert {int(one.amount) for one in left} <= {0}
        self.none_is_paid_twice_or_after_it_was_given_back()
        self.no_unit_is_lost()
        transaction.savepoint_rollback(self.before)


def pay_out(examples, steps):
    profile = settings(
        max_examples=examples,
        stateful_step_count=steps,
        suppress_health_check=list(HealthCheck),
        deadline=None,
    )
    run_state_machine_as_test(Withdrawals, settings=profile)


@pytest.mark.django_db
def test_nothing_is_paid_twice_and_nothing_is_lost():
    pay_out(examples=4, steps=20)


@pytest.mark.proof
@pytest.mark.django_db
def test_two_thousand_desks_pay_nothing_twice_and_lose_nothing():
    pay_out(examples=2000, steps=50)
