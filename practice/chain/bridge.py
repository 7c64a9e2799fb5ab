"""Pallet TFTBridgeModule: TFT from Stellar and back."""

from practice.chain import balances, calls, events
from practice.chain.addresses import BRIDGE_FEES, AccountId
from practice.chain.errors import Refused
from practice.chain.execution import Execution
from practice.chain.notices import Minted

MODULE = "TFTBridgeModule"
STELLAR_KEY = 56  # characters


def mint(run: Execution, notice: Minted) -> None:
    """Each payment on Stellar once."""
    if notice.tx_id in run.state.mints:
        raise Refused(MODULE, "MintTransactionAlreadyExecuted")
    fee = run.state.terms.deposit_fee
    if notice.amount <= fee:
        raise Refused(MODULE, "AmountIsLessThanDepositFee")
    balances.issue(run, notice.target, notice.amount - fee)
    balances.issue(run, BRIDGE_FEES, fee)
    run.state.mints |= {notice.tx_id}
    run.emit(events.MintCompleted(notice.tx_id, notice.target, notice.amount, run.number))


def swap(run: Execution, who: AccountId, call: calls.SwapToStellar) -> None:
    if len(call.target_stellar_address) != STELLAR_KEY or not call.target_stellar_address.startswith(b"G"):
        raise Refused(MODULE, "InvalidStellarPublicKey")
    fee = run.state.terms.withdraw_fee
    if call.amount <= fee:
        raise Refused(MODULE, "AmountIsLessThanWithdrawFee")
    if call.amount > run.state.account(who).usable:
        raise Refused(MODULE, "NotEnoughBalanceToSwap")
    balances.burn(run, who, call.amount)
    balances.issue(run, BRIDGE_FEES, fee)
    run.state.last_burn += 1
    run.emit(
        events.BurnTransactionCreated(
            run.state.last_burn, who, call.target_stellar_address, call.amount - fee
        )
    )
