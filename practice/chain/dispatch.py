"""What each call and each notice does."""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b

from practice.chain import balances, bridge, calls, contracts, events, notices, twins
from practice.chain.addresses import AccountId, sub_account
from practice.chain.calls import Call
from practice.chain.errors import Refused
from practice.chain.execution import Execution
from practice.chain.notices import Notice


def dispatch(run: Execution, who: AccountId, call: Call) -> None:
    """All of it or nothing: raises Refused."""
    with run.whole():
        _carry_out(run, who, call)


def heed(run: Execution, notice: Notice) -> None:
    """Raises Refused."""
    with run.whole():
        match notice:
            case notices.ReportResources():
                contracts.report(run, notice)
            case notices.Minted():
                bridge.mint(run, notice)
            case notices.DispatchedAs():
                _carry_out(run, notice.account, notice.call)
            case notices.Suspended():
                contracts.suspend(run, notice)
            case notices.PriceSet():
                run.state.terms = replace(run.state.terms, average_musd=notice.musd)
            case notices.FeeSet():
                run.state.terms = replace(run.state.terms, fee_percent=notice.percent)
            case notices.Upgraded():
                run.state.terms = replace(run.state.terms, spec=notice.spec)
                run.emit(events.CodeUpdated())
            case notices.PaymentsLost():
                run.state.payments_lost = notice.contract_ids
            case _:
                raise TypeError(f"nobody heeds {notice}")


def _carry_out(run: Execution, who: AccountId, call: Call) -> None:
    match call:
        case calls.RemarkWithEvent():
            run.emit(events.Remarked(who, blake2b(call.remark, digest_size=32).digest()))
        case calls.Transfer() | calls.TransferAllowDeath():
            balances.transfer(run, who, call.dest, call.value, keep_alive=False)
        case calls.TransferKeepAlive():
            balances.transfer(run, who, call.dest, call.value, keep_alive=True)
        case calls.TransferAll():
            balances.transfer_all(run, who, call.dest, call.keep_alive)
        case calls.Batch():
            _batch(run, who, call.calls)
        case calls.BatchAll():
            for each in call.calls:
                _carry_out(run, who, each)
                run.emit(events.ItemCompleted())
            run.emit(events.BatchCompleted())
        case calls.ForceBatch():
            _force_batch(run, who, call.calls)
        case calls.AsDerivative():
            _carry_out(run, sub_account(who, call.index), call.call)
        case calls.UserAcceptTc():
            twins.accept(run, who, call)
        case calls.CreateTwin():
            twins.create(run, who, call)
        case calls.BondTwinAccount():
            twins.bond(run, who, call)
        case calls.CreateNodeContract():
            contracts.create(run, who, call)
        case calls.CancelContract():
            contracts.cancel(run, who, call)
        case calls.BillContractForBlock():
            contracts.bill(run, call)
        case calls.SwapToStellar():
            bridge.swap(run, who, call)
        case _:
            raise TypeError(f"nobody carries out {call}")


def _batch(run: Execution, who: AccountId, each: Sequence[Call]) -> None:
    for index, call in enumerate(each):
        try:
            dispatch(run, who, call)
        except Refused as refused:
            run.emit(events.BatchInterrupted(index, refused.error))
            return
        run.emit(events.ItemCompleted())
    run.emit(events.BatchCompleted())


def _force_batch(run: Execution, who: AccountId, each: Sequence[Call]) -> None:
    failed = False
    for call in each:
        try:
            dispatch(run, who, call)
        except Refused as refused:
            run.emit(events.ItemFailed(refused.error))
            failed = True
        else:
            run.emit(events.ItemCompleted())
    run.emit(events.BatchCompletedWithErrors() if failed else events.BatchCompleted())
