"""Pallet TfgridModule: terms accepted, twins, and stashes."""

from practice.chain import calls, events
from practice.chain.addresses import AccountId
from practice.chain.errors import Refused
from practice.chain.execution import Execution
from practice.chain.state import Twin

MODULE = "TfgridModule"


def accept(run: Execution, who: AccountId, call: calls.UserAcceptTc) -> None:
    if not call.document_link:
        raise Refused(MODULE, "DocumentLinkInputTooShort")
    if not call.document_hash:
        raise Refused(MODULE, "DocumentHashInputTooShort")
    run.state.accepted[who] = run.state.accepted.get(who, 0) + 1


def create(run: Execution, who: AccountId, call: calls.CreateTwin) -> None:
    if who not in run.state.accepted:
        raise Refused(MODULE, "UserDidNotSignTermsAndConditions")
    if who in run.state.twin_ids:
        raise Refused(MODULE, "TwinWithPubkeyExists")
    run.state.last_twin += 1
    twin = Twin(run.state.last_twin, who, call.relay, call.pk)
    run.state.twins[twin.twin_id], run.state.twin_ids[who] = twin, twin.twin_id
    run.emit(events.TwinStored(twin.twin_id, who, twin.relay, twin.pk))


def bond(run: Execution, who: AccountId, call: calls.BondTwinAccount) -> None:
    twin = run.state.twins.get(call.twin_id)
    if twin is None:
        raise Refused(MODULE, "TwinNotExists")
    if twin.account == who:
        raise Refused(MODULE, "TwinCannotBoundToItself")
    run.state.stashes[call.twin_id] = who
    run.emit(events.TwinAccountBounded(call.twin_id, who))
