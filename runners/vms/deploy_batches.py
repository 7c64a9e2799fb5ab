"""VMs that were ordered -> a batch -> its results.

One chain account acts one step at a time, so a batch carries all that its twin wants, under its signing lease.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Model, Q, Window
from django.db.models.functions import Coalesce, RowNumber

from billing import quotes, wallets
from runners.gateways import Gateways
from runners.models import VM
from runners.queue.effects import Effects
from runners.vms import placement, supply
from tfci.core.optional import present
from tfci.core.reasons import columns
from tfci.core.secret import Secret
from tfci.grid import nodes, registry
from tfci.grid.models import Node
from tfci.grid.ports import Deployment, GridAccount, GridError, Order, OutOfFunds, Refusal

BATCH = 20  # VMs in one deploy (design, 9)
CANCELS = 100  # VMs in one cancel
FIRST_PAUSE = timedelta(seconds=30)  # after a refusal that is no node's fault, twice as long each time
LONGEST_PAUSE = timedelta(minutes=5)


def send(twin_id: int, gateways: Gateways, now: datetime) -> Effects:
    """One turn of a twin on the chain: cancel what must go, deploy what was ordered. The VMs that it moved on are due;
    none when nothing was to be done, when the grid does not answer, or when another process has the turn."""
    with wallets.signing(twin_id, now, gateways.clock) as twin:
        if twin is None:
            return Effects()
        account = gateways.account(twin)
        try:
            gone = _cancel(twin, account, gateways)
            up = _deploy(twin, account, gateways) if wallets.renew_signing(twin, gateways.clock()) else set()
            wallets.note_problem(twin, None)
        except GridError as error:
            wallets.note_problem(twin, error.reason)
            return Effects()
        return Effects(vms=gone | up)


def _deploy(twin: wallets.Twin, account: GridAccount, gateways: Gateways) -> set[int]:
    """Look for those that an earlier turn may have sent; send the rest in one batch."""
    batch = _next(twin)
    found = _found([vm for vm in batch if vm.sent_at], account)
    fresh = [vm for vm in batch if vm.name not in found and _mark_sent(vm, gateways.clock())]
    answers: dict[str, Deployment | Refusal] = {**found, **_send(fresh, account)}
    for vm in batch:
        if vm.name in answers:
            _record(vm, answers[vm.name], gateways.clock())
    return {vm.pk for vm in batch if vm.name in answers}


def _next(twin: wallets.Twin) -> list[VM]:
    """The oldest of each wallet, then the second of each, and so on: who wants few does not wait for who wants many.
    In each place those first that a turn before took up and did not come to."""
    ordered = VM.objects.signed_by(twin.pk).filter(state=VM.State.DEPLOYING, deployed_at=None, refusal="")
    place = Window(RowNumber(), partition_by="wallet", order_by=["ordered_at", "pk"])
    turn = ordered.order_by(place, F("sent_at").asc(nulls_last=True), "ordered_at", "pk")
    return list(turn.select_related("node", "pool", "server")[:BATCH])


def _found(sent: Sequence[VM], account: GridAccount) -> dict[str, Deployment]:
    """Those of an earlier turn that the grid has."""
    wanted = {vm.name for vm in sent}
    return {seen.name: seen for seen in account.list_vms(VM.prefix()) if seen.name in wanted} if sent else {}


def _mark_sent(vm: VM, now: datetime) -> bool:
    """From here on the grid may have it; the row keeps when that was first. One that was retired meanwhile is not
    sent."""
    vm.sent_at = now
    fresh = VM.objects.unretired().filter(pk=vm.pk, state=VM.State.DEPLOYING)
    return bool(fresh.update(sent_at=Coalesce("sent_at", now), next_step_at=now))


def _send(batch: Sequence[VM], account: GridAccount) -> dict[str, Deployment | Refusal]:
    """The grid's answer to each, by name. Raises Unavailable: then the next turn looks for them."""
    if not batch:
        return {}
    choices = supply.choices({supply.chooser(vm): vm.pool or present(vm.server) for vm in batch})
    try:
        orders = [order(vm, choices[supply.chooser(vm)]) for vm in batch]
        return {answer.name: answer for answer in account.deploy(orders)}
    except OutOfFunds as error:
        return {vm.name: Refusal(vm.name, error.reason, node_at_fault=False) for vm in batch}


def _record(vm: VM, answer: Deployment | Refusal, now: datetime) -> None:
    match answer:
        case Deployment():
            _record_deployment(vm, answer, now)
        case Refusal():
            if answer.opted_out:
                nodes.mark_opted_out(present(vm.node_id), now)
            elif answer.node_at_fault:
                nodes.record_failure(present(vm.node_id), answer.reason, now)
            retry_at = None if answer.node_at_fault or answer.opted_out else now + _pause(vm)
            refusal = columns(answer.reason, "refusal")
            VM.objects.filter(pk=vm.pk).update(**refusal, retry_at=retry_at, next_step_at=now)


def _pause(vm: VM) -> timedelta:
    """Until a VM that the grid refused for a reason that is no node's fault is tried again: longer each time."""
    return min(FIRST_PAUSE * 2 ** min(len(vm.failed_nodes), 10), LONGEST_PAUSE)


def _record_deployment(vm: VM, deployed: Deployment, now: datetime) -> None:
    took = (now - (vm.sent_at or now)).total_seconds()
    moved = _moved_node(vm, deployed, now)
    nodes.record_success(
        present(moved.get("node", vm.node)).pk, sent_at=vm.sent_at, deploy_ms=round(took * 1000)
    )
    VM.objects.filter(pk=vm.pk).update(
        **moved,
        deployed_at=now,
        contract_ids=list(deployed.contract_ids),
        addresses=dict(deployed.addresses),
        contract_created_at=deployed.created_at,
        next_step_at=now,
    )


def _moved_node(vm: VM, deployed: Deployment, now: datetime) -> dict[str, Model]:
    """The node that the grid chose instead of ours, and what the VM costs there; {} where it stands on ours."""
    if deployed.node_id == present(vm.node).node_id:
        return {}
    node = Node.objects.filter(network=registry.network(), node_id=deployed.node_id).first()
    prices = quotes.prices(registry.network(), vm.team_id)
    if node is None or prices is None:
        return {}
    return {"node": node, "quote": quotes.quote([(vm, node)], prices, now)[0]}


def order(vm: VM, choice: placement.Choice) -> Order:
    """The VM as the grid is asked for it. Its token is the same on every try. One that was refused once is sent
    to its own node, whatever its pool would let the grid choose."""
    environment = {
        "FARMHAND_AGENT_URL": Secret(settings.AGENT_URL),
        "FARMHAND_VM": Secret(str(vm.pk)),
        "FARMHAND_TOKEN": vm.bootstrap_token,
        "FARMHAND_PROTECTION": Secret(vm.protection),
    }
    within = None if vm.failed_nodes else choice.within
    return Order(
        vm.name,
        present(vm.node).node_id,
        vm.cpu,
        vm.memory_gb * 1024,
        vm.disk_gb,
        environment,
        vm.boot_image,
        within,
    )


def _cancel(twin: wallets.Twin, account: GridAccount, gateways: Gateways) -> set[int]:
    """All VMs of this twin that are to go, in one batch. One that the grid does not list never got there."""
    leaving = VM.objects.signed_by(twin.pk).filter(state=VM.State.REMOVING, removed_at=None)
    batch = list(leaving.exclude(sent_at=None).order_by("state_changed_at", "pk")[:CANCELS])
    if not batch:
        return set()
    if any(vm.contract_created_at is None for vm in batch):
        _find_unrecorded(batch, account, gateways.clock())
    ended = {removed.name: removed.ended_at for removed in account.remove([vm.name for vm in batch])}
    unanswered = [vm for vm in batch if vm.name not in ended]
    left = {deployed.name for deployed in account.list_vms(VM.prefix())} if unanswered else set()
    gone = [vm for vm in batch if vm.name not in left]
    now = gateways.clock()
    for vm in gone:
        VM.objects.filter(pk=vm.pk, removed_at=None).update(
            removed_at=now, contract_ended_at=ended.get(vm.name), next_step_at=now
        )
    return {vm.pk for vm in gone}


def _find_unrecorded(batch: Sequence[VM], account: GridAccount, now: datetime) -> None:
    """A turn that died after its deploy left VMs that are paid for: note since when, before they go."""
    found = _found([vm for vm in batch if vm.contract_created_at is None], account)
    for vm in batch:
        if vm.name in found:
            _record_deployment(vm, found[vm.name], now)


def twins_with_work() -> list[int]:
    """The twins that have something to send or to cancel."""
    unsent = Q(state=VM.State.DEPLOYING, deployed_at=None, refusal="")
    uncancelled = Q(state=VM.State.REMOVING, removed_at=None) & ~Q(sent_at=None)
    signer = Coalesce("own_twin", "wallet__twin")
    return list(VM.objects.filter(unsent | uncancelled).values_list(signer, flat=True).distinct())
