"""What an act costs: a base, its weight, a unit for each byte. Weights are the runtime's, rounded."""

from practice.chain import balances, calls, events
from practice.chain.addresses import BLOCK_AUTHOR, AccountId
from practice.chain.calls import Call
from practice.chain.execution import Execution

BASE = 10_000  # 0.001 TFT
BASE_WEIGHT = 113  # 1e6 picoseconds, for which BASE is paid
WEIGHTS = {
    calls.RemarkWithEvent: 10,
    calls.Transfer: 185,
    calls.TransferAllowDeath: 185,
    calls.TransferKeepAlive: 172,
    calls.TransferAll: 175,
    calls.UserAcceptTc: 158,
    calls.CreateTwin: 390,
    calls.BondTwinAccount: 137,
    calls.CreateNodeContract: 1204,
    calls.CancelContract: 986,
    calls.BillContractForBlock: 882,
    calls.SwapToStellar: 444,
}
BATCH, ITEM = 7, 4


def weight(call: Call) -> int:
    match call:
        case calls.Batch() | calls.BatchAll() | calls.ForceBatch():
            return BATCH + sum(ITEM + weight(each) for each in call.calls)
        case calls.AsDerivative():
            return ITEM + weight(call.call)
    return WEIGHTS[type(call)]


def fee(call: Call, size: int, percent: int) -> int:
    """`size`: bytes of the signed act."""
    return (BASE + BASE * weight(call) // BASE_WEIGHT + size) * percent // 100


def charge(run: Execution, who: AccountId, amount: int, tip: int) -> None:
    """From the account to the block's author. Raises Refused where it can't pay."""
    balances.burn(run, who, amount + tip)
    balances.issue(run, BLOCK_AUTHOR, amount + tip)
    run.emit(events.TransactionFeePaid(who, amount, tip))
