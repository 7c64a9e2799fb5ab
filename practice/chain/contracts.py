"""Pallet SmartContractModule: contracts for deployments on nodes begin and end; billing.py says what they cost."""

from dataclasses import replace

from practice.chain import billing, calls, events
from practice.chain.addresses import AccountId
from practice.chain.contract import Contract, Grace, Payment
from practice.chain.errors import Refused
from practice.chain.execution import Execution
from practice.chain.notices import ReportResources, Suspended

MODULE = "SmartContractModule"


def create(run: Execution, who: AccountId, call: calls.CreateNodeContract) -> None:
    state = run.state
    if who not in state.twin_ids:
        raise Refused(MODULE, "TwinNotExists")
    if call.node_id not in state.nodes:
        raise Refused(MODULE, "NodeNotExists")
    if (call.node_id, call.deployment_hash) in state.by_hash:
        raise Refused(MODULE, "ContractIsNotUnique")
    state.last_contract += 1
    contract = Contract(
        state.last_contract,
        state.twin_ids[who],
        call.node_id,
        call.deployment_hash,
        call.deployment_data,
        run.now,
        Payment(run.now),
    )
    state.put(contract)
    state.by_hash[call.node_id, call.deployment_hash] = contract.contract_id
    run.emit(events.ContractCreated(contract))


def cancel(run: Execution, who: AccountId, call: calls.CancelContract) -> None:
    """Its last bill, and its end."""
    contract = _standing(run, call.contract_id)
    if run.state.twins[contract.twin_id].account != who:
        raise Refused(MODULE, "TwinNotAuthorizedToCancelContract")
    billing.bill(run, contract, ends=True)


def bill(run: Execution, call: calls.BillContractForBlock) -> None:
    billing.bill(run, _standing(run, call.contract_id))


def report(run: Execution, notice: ReportResources) -> None:
    contract = _standing(run, notice.contract_id)
    run.state.put(replace(contract, used=notice.used))
    run.emit(events.UpdatedUsedResources(notice.contract_id, notice.used))


def suspend(run: Execution, notice: Suspended) -> None:
    contract = _standing(run, notice.contract_id)
    run.state.put(replace(contract, grace=Grace(run.number, run.now)))
    run.emit(
        events.ContractGracePeriodStarted(
            contract.contract_id, contract.node_id, contract.twin_id, run.number
        )
    )


def _standing(run: Execution, contract_id: int) -> Contract:
    contract = run.state.contracts.get(contract_id)
    if contract is None:
        raise Refused(MODULE, "ContractNotExists")
    if contract_id in run.state.payments_lost:
        raise Refused(MODULE, "ContractPaymentStateNotExists")
    return contract
