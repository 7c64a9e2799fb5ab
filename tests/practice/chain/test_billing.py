"""What contracts cost their twins: hour by hour, reserved, overdrawn, paused, ended."""

import pytest

from practice.chain import calls, events
from practice.chain.addresses import FOUNDATION, STAKING_POOL
from practice.chain.notices import PaymentsLost, PriceSet, Suspended
from practice.chain.prices import Discount
from practice.chain.state import EXISTENTIAL_DEPOSIT, TFT
from tests.practice.chain.small import ANN, BEN, DAY, EVE, FARMER, HOUR, RATE, START, Small, kinds


@pytest.fixture
def small():
    made = Small()
    made.person(ANN)
    return made


def told(small, since=0):
    return [record.event for block in small.chain.since(since) for record in block.records]


def test_a_contract_is_billed_at_its_own_block_of_each_hour(small):
    contract_id = small.contract(ANN)
    bills = small.pass_time(5 * HOUR)
    assert {bill.at % HOUR for bill in bills} == {contract_id % 600 * 6}
    assert [bill.seconds for bill in bills[1:]] == [HOUR] * 4


def test_a_bill_is_reserved_and_paid_out_each_day(small):
    small.contract(ANN)
    before = small.state.account(ANN)
    small.pass_time(23 * HOUR)
    held = small.state.account(ANN)
    assert held.reserved == before.free - held.free > 22 * RATE - 1
    small.pass_time(2 * HOUR)
    (paid,) = (event for event in told(small) if isinstance(event, events.RewardDistributed))
    amount = paid.standard_rewards
    assert small.state.account(STAKING_POOL).free == TFT + amount // 10
    assert small.state.account(FOUNDATION).free == TFT + amount * 4 // 10
    assert small.state.account(FARMER).free == amount - amount // 10 - amount * 4 // 10


def test_the_end_bills_the_rest_and_pays_out(small):
    contract_id = small.contract(ANN)
    small.pass_time(100)
    seen = small.send(ANN, calls.CancelContract(contract_id))
    (billed,) = (event for event in seen if isinstance(event, events.ContractBilled))
    seconds = small.now - small.chain.block(small.chain.best.hash).at + 106
    assert billed.amount_billed == pytest.approx(RATE * seconds / HOUR, abs=100)
    assert events.NodeContractCanceled(contract_id, 1, 1) in seen
    assert contract_id not in small.state.contracts
    assert small.state.account(ANN).reserved == 0
    assert small.pass_time(DAY) == []


def test_a_contract_of_no_seconds_has_a_bill_of_nothing(small):
    contract_id = small.contract(ANN, used=None)
    seen = small.send(ANN, calls.CancelContract(contract_id))
    assert events.ContractBilled(contract_id, small.now, Discount.NONE, 0) in seen


def test_a_network_costs_nothing(small):
    small.contract(ANN, used=None)
    assert small.pass_time(3 * DAY) == []


def test_a_certified_node_costs_a_quarter_more(small):
    small.contract(ANN, node_id=2)
    assert max(bill.due for bill in small.pass_time(3 * HOUR)) == RATE * 5 // 4


@pytest.mark.parametrize(
    ("months", "level", "percent"),
    [
        (1.4, Discount.NONE, 100),
        (1.6, Discount.DEFAULT, 80),
        (3.1, Discount.BRONZE, 70),
        (6.1, Discount.SILVER, 60),
        (18.2, Discount.GOLD, 40),
    ],
)
@pytest.mark.parametrize("in_stash", [False, True])
def test_who_has_much_pays_less(months, level, percent, in_stash):
    small, amount = Small(), round(1530 * months)
    small.person(ANN, 500 if in_stash else amount)
    if in_stash:
        small.give(BEN, (amount - 500) * TFT)
        small.send(BEN, calls.BondTwinAccount(1))
    small.contract(ANN)
    _, hour = small.pass_time(2 * HOUR)
    assert (hour.discount, hour.due) == (level, RATE * percent // 100)


def test_the_price_of_a_bill_is_that_of_its_block(small):
    small.contract(ANN)
    small.pass_time(HOUR)
    small.seal(PriceSet(20))
    assert small.pass_time(HOUR)[-1].due == RATE // 2


@pytest.mark.parametrize(("musd", "billed_by"), [(0, 1), (1, 1), (1000, 1000), (9999, 1000)])
def test_a_price_that_makes_no_sense_is_held_within_bounds(small, musd, billed_by):
    small.contract(ANN)
    small.pass_time(HOUR)
    small.seal(PriceSet(musd))
    assert small.pass_time(HOUR)[-1].tft_musd == billed_by


def test_without_tft_it_is_overdrawn_and_paused_and_what_there_was_is_reserved():
    small = Small()
    small.person(EVE, tft=1)
    contract_id = small.contract(EVE)
    small.pass_time(HOUR)
    account, contract = small.state.account(EVE), small.state.contracts[contract_id]
    assert account.free == EXISTENTIAL_DEPOSIT
    assert contract.payment.reserve == account.reserved > 0 < contract.payment.overdraft
    assert contract.grace and contract.grace.since == small.chain.best.at
    assert kinds(told(small))[-3:] == [
        "ContractGracePeriodStarted",
        "Reserved",
        "ContractPaymentOverdrawn",
    ]


@pytest.fixture
def overdrawn():
    small = Small()
    small.person(EVE, tft=1)
    small.contract(EVE)
    small.pass_time(3 * HOUR)
    return small


def test_a_paused_contract_costs_on_and_goes_on_once_all_is_paid(overdrawn):
    (contract,) = overdrawn.state.contracts.values()
    overdrawn.give(EVE, TFT)
    overdrawn.pass_time(HOUR)
    assert overdrawn.state.contracts[contract.contract_id].grace == contract.grace
    overdrawn.give(EVE, 1000 * TFT)
    bill = overdrawn.pass_time(HOUR)[-1]
    assert bill.taken == bill.owed > bill.due == RATE
    resumed = overdrawn.state.contracts[contract.contract_id]
    assert (resumed.grace, resumed.payment.overdraft) == (None, 0)
    assert "ContractGracePeriodEnded" in kinds(told(overdrawn))


def test_a_bill_can_be_asked_for_out_of_its_turn(overdrawn):
    (contract_id,) = overdrawn.state.contracts
    overdrawn.give(EVE, 1000 * TFT)
    overdrawn.send(EVE, calls.BillContractForBlock(contract_id))
    assert overdrawn.state.contracts[contract_id].grace is None


def test_after_fourteen_unpaid_days_it_ends(overdrawn):
    overdrawn.pass_time(15 * DAY)
    assert overdrawn.state.contracts == {}
    assert kinds(told(overdrawn))[-1] == "NodeContractCanceled"
    assert 14 * DAY <= overdrawn.chain.best.at - START <= 14 * DAY + 2 * HOUR
    assert overdrawn.state.account(EVE).reserved == 0


def test_who_can_not_pay_the_fee_can_not_cancel_either(overdrawn):
    (contract_id,) = overdrawn.state.contracts
    with pytest.raises(Exception, match="Inability to pay some fees"):
        overdrawn.chain.submit(overdrawn.signed(EVE, calls.CancelContract(contract_id)))


def test_bills_of_many_never_take_more_than_there_is():
    small = Small()
    small.person(EVE, tft=2)
    for _ in range(3):
        small.contract(EVE)
    spent = small.state.account(EVE).free - EXISTENTIAL_DEPOSIT
    bills = small.pass_time(3 * HOUR)
    assert sum(bill.taken for bill in bills) == spent
    assert small.state.account(EVE).free == EXISTENTIAL_DEPOSIT


def test_nobody_cancels_the_contract_of_another(small):
    contract_id = small.contract(ANN)
    small.person(BEN)
    (failed,) = (
        e for e in small.send(BEN, calls.CancelContract(contract_id)) if "Failed" in type(e).__name__
    )
    assert failed.dispatch_error.name == "TwinNotAuthorizedToCancelContract"


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (calls.CreateNodeContract(9, b"0" * 32, "{}"), "NodeNotExists"),
        (calls.CancelContract(5), "ContractNotExists"),
    ],
)
def test_a_contract_that_can_not_be(small, call, name):
    (failed,) = (event for event in small.send(ANN, call) if isinstance(event, events.ExtrinsicFailed))
    assert failed.dispatch_error.name == name


def test_one_deployment_has_one_contract_while_it_stands(small):
    call = calls.CreateNodeContract(1, b"0" * 32, "{}")
    small.send(ANN, call)
    (failed,) = (e for e in small.send(ANN, call) if isinstance(e, events.ExtrinsicFailed))
    assert failed.dispatch_error.name == "ContractIsNotUnique"
    small.send(ANN, calls.CancelContract(small.state.last_contract))
    assert "ContractCreated" in kinds(small.send(ANN, call))


def test_a_contract_whose_payments_are_lost_is_kept_and_not_billed(small):
    contract_id = small.contract(ANN)
    small.seal(PaymentsLost(frozenset({contract_id})))
    assert small.pass_time(3 * HOUR) == []
    (failed,) = (
        e for e in small.send(ANN, calls.CancelContract(contract_id)) if isinstance(e, events.ExtrinsicFailed)
    )
    assert failed.dispatch_error.name == "ContractPaymentStateNotExists"


def test_a_suspended_contract_goes_on_with_its_next_bill(small):
    contract_id = small.contract(ANN)
    small.seal(Suspended(contract_id))
    assert small.state.contracts[contract_id].grace
    small.pass_time(HOUR)
    assert small.state.contracts[contract_id].grace is None
