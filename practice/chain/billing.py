"""What a contract costs its twin (pallet-smart-contract, billing.rs): each hour reserved, each day paid out.

Where the twin has too little, what there is gets reserved and the rest is an overdraft; the contract pauses, costs on,
goes on once all is paid, and ends after two weeks.
"""

from dataclasses import replace

from practice.chain import balances, events, prices
from practice.chain.addresses import FOUNDATION, STAKING_POOL, AccountId
from practice.chain.contract import Bill, Contract, Grace, Payment
from practice.chain.execution import Execution

GRACE = 14 * prices.DAY
PAID_OUT = 24  # cycles
STAKING_PERCENT, FOUNDATION_PERCENT = 10, 40  # of what is paid out; the farmer has the rest


def bill_due(run: Execution) -> None:
    """All contracts whose turn has come."""
    while contract := run.state.pop_due(run.now):
        bill(run, contract)


def bill(run: Execution, contract: Contract, ends: bool = False) -> None:
    """For the seconds since the last time; with `ends` the contract is gone afterwards."""
    payer = run.state.twins[contract.twin_id].account
    usable, payment, drawn = run.state.account(payer).usable, contract.payment, _drawn(run, contract, payer)
    if not drawn.owed and not ends:
        return
    if drawn.owed <= usable:
        contract = _in_funds(run, contract)
        payment = replace(payment, reserve=payment.reserve + drawn.owed, overdraft=0)
    else:
        contract, ended = _out_of_funds(run, contract)
        ends = ends or ended
        left = drawn.owed - drawn.taken
        payment = replace(payment, reserve=payment.reserve + drawn.taken, overdraft=left)
    if drawn.taken:
        balances.reserve(run, payer, drawn.taken)
    _tell(run, drawn, usable)
    run.bills.append(drawn)
    payment = replace(payment, updated_at=run.now, cycles=payment.cycles + 1)
    if payment.reserve and (ends or payment.cycles >= PAID_OUT):
        _pay_out(run, contract, payer, payment.reserve)
        payment = Payment(run.now, overdraft=payment.overdraft)
    if ends:
        run.state.remove(contract)
        run.emit(events.NodeContractCanceled(contract.contract_id, contract.node_id, contract.twin_id))
    else:
        run.state.put(replace(contract, payment=payment))


def _drawn(run: Execution, contract: Contract, payer: AccountId) -> Bill:
    """The discount goes by all that the payer has, with the stash, however many contracts there are."""
    state, seconds = run.state, run.now - contract.payment.updated_at
    usable = state.account(payer).usable
    stash = state.stashes.get(contract.twin_id)
    balance = usable + (state.account(stash).usable if stash else 0)
    certified, musd = state.nodes[contract.node_id].certified, state.terms.tft_musd
    due, discount = prices.amount_due(contract.usd_per_hour, musd, seconds, certified, balance)
    owed = due + contract.payment.overdraft
    taken = min(owed, usable)
    return Bill(contract.contract_id, contract.twin_id, run.now, seconds, musd, discount, due, owed, taken)


def _in_funds(run: Execution, contract: Contract) -> Contract:
    if contract.grace is None:
        return contract
    run.emit(events.ContractGracePeriodEnded(contract.contract_id, contract.node_id, contract.twin_id))
    return replace(contract, grace=None)


def _out_of_funds(run: Execution, contract: Contract) -> tuple[Contract, bool]:
    """Paused, and whether it ends."""
    if contract.grace is None:
        run.emit(
            events.ContractGracePeriodStarted(
                contract.contract_id, contract.node_id, contract.twin_id, run.number
            )
        )
        return replace(contract, grace=Grace(run.number, run.now)), False
    if run.now - contract.grace.since < GRACE:
        return contract, False
    run.emit(events.ContractGracePeriodElapsed(contract.contract_id, run.number - contract.grace.block))
    return contract, True


def _tell(run: Execution, drawn: Bill, usable: int) -> None:
    if drawn.taken == drawn.owed:
        run.emit(events.ContractBilled(drawn.contract_id, run.now, drawn.discount, drawn.owed))
    else:
        overdraft = max(0, drawn.due - usable)
        run.emit(events.ContractPaymentOverdrawn(drawn.contract_id, run.now, drawn.taken, overdraft))


def _pay_out(run: Execution, contract: Contract, payer: AccountId, amount: int) -> None:
    staking = amount * STAKING_PERCENT // 100
    foundation = amount * FOUNDATION_PERCENT // 100
    farmer = run.state.nodes[contract.node_id].farmer
    balances.pay_reserved(run, payer, STAKING_POOL, staking)
    balances.pay_reserved(run, payer, farmer, amount - staking - foundation)
    balances.pay_reserved(run, payer, FOUNDATION, foundation)
    run.emit(events.RewardDistributed(contract.contract_id, amount, 0))
