"""All machines that wallets want -> placed and quoted together -> a batch -> what came of it.

One chain account acts one step at a time, so a batch carries all that its twin wants, under its signing lease.
place() only reads and writes rows; send() is the twin's turn on the chain.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet, Sum, Window
from django.db.models.functions import Coalesce, RowNumber

from billing import quotes, wallets
from runners import catalogue, charges
from runners.models import VM, Pool
from runners.rules import placement
from runners.world import World
from tfci.grid import connect, drains, nodes
from tfci.grid.models import Node
from tfci.grid.ports import Deployed, GridError, Order, OutOfFunds, Refusal
from tfci.secret import Secret

MOST = 500  # VMs placed at once
BATCH = 20  # machines in one deploy (design, 9)
CANCELS = 100  # machines in one cancel


def place(wallet_id: int, now: datetime) -> set[int]:
    """Give each VM that a wallet wants its node and its quote, as far as the balance covers its first hour.
    Returns the VMs that are due. Two at a time may choose the same VM: the first counts."""
    wanted = VM.objects.filter(wallet=wallet_id, state=VM.State.WANTED, node=None, retire_why="")
    batch = list(wanted.select_related("pool", "server").order_by("created_at", "pk")[:MOST])
    if not batch or not wallets.signs(wallet_id):
        return _tell(batch, "for the operator to open an account on the grid")
    prices = quotes.prices(connect.network())
    if prices is None:
        return _tell(batch, "for the grid's prices to be read")
    placed = placement.place(
        _wishes(batch, prices), _choices(batch), nodes_now(), here({vm.pool_id for vm in batch}), now
    )
    quoted = quotes.quote({vm: placed.on[vm.pk] for vm in batch if vm.pk in placed.on}, prices, now)
    with transaction.atomic():
        wallets.lock(wallet_id)  # two at a time would each promise what there is once
        _promise(wallet_id, batch, placed, quoted, now)
        return _give(wanted, [vm for vm in batch if vm.node_id])


def _promise(wallet_id: int, batch: Sequence[VM], placed: placement.Placed, quoted, now: datetime) -> None:
    """Node and quote for those that the balance and the operator's limits allow; the others learn what they lack."""
    left = charges.allowance(wallet_id, now)
    for vm in batch:
        if vm.pk in placed.why_not:
            _tell([vm], placed.why_not[vm.pk])
        elif not left.covers(quoted[vm].per_hour):
            _tell([vm], left.why_not(quoted[vm].per_hour))
        else:
            left = left.less(quoted[vm].per_hour)
            vm.node_id, vm.quote, vm.next_step_at = placed.on[vm.pk].id, quoted[vm], now


def _give(wanted: QuerySet[VM], chosen: Sequence[VM]) -> set[int]:
    """Write node and quote to those that are still wanted; returns which."""
    ids = [vm.pk for vm in chosen]
    still = set(wanted.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk", flat=True))
    given = [vm for vm in chosen if vm.pk in still]
    VM.objects.bulk_update(given, ["node", "quote", "next_step_at"])
    return still


def _tell(vms: Sequence[VM], why: str) -> set[int]:
    """Why they have no node yet: shown as the cause of their jobs' wait."""
    VM.objects.filter(pk__in=[vm.pk for vm in vms], node=None).update(why=why)
    return set()


def _wishes(batch: Sequence[VM], prices) -> list[placement.Wish]:
    costs = {vm.size: quotes.an_hour(vm, prices) for vm in {vm.size: vm for vm in batch}.values()}
    return [
        placement.Wish(
            vm.pk, _key(vm), vm.cpu, vm.memory_gb, vm.disk_gb, frozenset(vm.failed_nodes), costs[vm.size]
        )
        for vm in batch
    ]


def _key(vm: VM) -> int | str:
    """Whose choice of nodes counts: its pool's, or that of the server whose machine it is."""
    return vm.pool_id or f"server {vm.server_id}"


def _choices(batch: Sequence[VM]) -> dict[int | str, placement.Choice]:
    choosers = {_key(vm): vm.pool or vm.server for vm in batch}
    drained = drains.of({one.team_id for one in choosers.values()})
    return {
        key: placement.Choice.read(one.nodes, one.min_distinct_nodes, drained[one.team_id])
        for key, one in choosers.items()
    }


def choice(pool: Pool) -> placement.Choice:
    """Which nodes a pool may use now. One query."""
    return placement.Choice.read(pool.nodes, pool.min_distinct_nodes, drains.of([pool.team_id])[pool.team_id])


def nodes_now() -> list[placement.Node]:
    """As the rules see them, in one query of plain columns."""
    columns = [name if name != "farm_id" else "farm__farm_id" for name in placement.Node.__dataclass_fields__]
    free = Node.objects.filter(network=connect.network(), rented=False, opted_out_at=None)
    rows = free.values_list(*columns)
    promised = _promised()
    return [_less(placement.Node(*row), *promised.get(row[0], (0, 0))) for row in rows]


def _promised() -> dict[int, tuple[int, int]]:
    """Memory and disk in GB, by node, of machines that the mirrored capacity does not know of yet."""
    unseen = Q(contract_created_at=None) | Q(contract_created_at__gt=F("node__seen_at"))
    alive = VM.objects.filter(unseen).exclude(state=VM.State.GONE).exclude(node=None)
    rows = alive.values_list("node").annotate(memory=Sum("memory_gb"), disk=Sum("disk_gb"))
    return {node: (memory, disk) for node, memory, disk in rows}


def _less(node: placement.Node, memory_gb: int, disk_gb: int) -> placement.Node:
    if not memory_gb:
        return node
    return replace(node, free_mru=node.free_mru - 1024 * memory_gb, free_sru=node.free_sru - disk_gb)


def here(pools: Collection[int]) -> dict[int, list[int]]:
    """Where each pool's machines are already and stay: node row ids, one entry a machine. One that leaves does not
    count, so that what replaces it is spread over as many nodes as the pool asks for."""
    found = defaultdict(list)
    leaving = (VM.State.REMOVING, VM.State.GONE)
    staying = VM.objects.filter(pool__in=pools, retire_why="").exclude(state__in=leaving).exclude(node=None)
    for pool_id, node_id in staying.values_list("pool_id", "node_id"):
        found[pool_id].append(node_id)
    return found


def send(twin_id: int, world: World, now: datetime) -> set[int]:
    """One turn of a twin on the chain: cancel what must go, deploy what was ordered. Returns the VMs that it
    moved on; none when nothing was to be done, when the grid is silent, or when another has the turn."""
    with wallets.signing(twin_id, now, world.clock) as twin:
        if twin is None:
            return set()
        account = world.account(twin)
        try:
            gone = _cancel(twin, account, world)
            up = _deploy(twin, account, world) if wallets.keep_signing(twin, world.clock()) else set()
            wallets.trouble(twin, "")
        except GridError as error:
            wallets.trouble(twin, str(error))
            return set()
        return gone | up


def _deploy(twin, account, world: World) -> set[int]:
    """Those that an earlier turn may have sent are looked for first; the rest go in one batch."""
    batch = _next(twin)
    answers = _found([vm for vm in batch if vm.sent_at], account)
    fresh = [vm for vm in batch if vm.name not in answers and _sent(vm, world.clock())]
    answers |= _answers(fresh, account)
    for vm in batch:
        if vm.name in answers:
            _note(vm, answers[vm.name], world.clock())
    return {vm.pk for vm in batch if vm.name in answers}


def _next(twin) -> list[VM]:
    """The oldest of each wallet, then the second of each, and so on: who wants few does not wait for who wants many.
    In each place those first that a turn before took up and did not come to."""
    ordered = VM.objects.filter(wallet__twin=twin, state=VM.State.DEPLOYING, deployed_at=None, refused_why="")
    place = Window(RowNumber(), partition_by="wallet", order_by=["ordered_at", "pk"])
    turn = [place, F("sent_at").asc(nulls_last=True), "ordered_at", "pk"]
    return list(ordered.select_related("node", "pool", "server").order_by(*turn)[:BATCH])


def _found(sent: Sequence[VM], account) -> dict[str, Deployed]:
    """Those of an earlier turn that the grid has."""
    wanted = {vm.name for vm in sent}
    return {seen.name: seen for seen in account.look(VM.prefix()) if seen.name in wanted} if sent else {}


def _sent(vm: VM, now: datetime) -> bool:
    """From here on the grid may have it; the row keeps when that was first. One that was retired meanwhile is not
    sent."""
    vm.sent_at = now
    fresh = VM.objects.filter(pk=vm.pk, state=VM.State.DEPLOYING, retire_why="")
    return bool(fresh.update(sent_at=Coalesce("sent_at", now), next_step_at=now))


def _answers(batch: Sequence[VM], account) -> dict[str, Deployed | Refusal]:
    """What the grid said to each, by name. Raises Unavailable: then the next turn looks."""
    if not batch:
        return {}
    choices = _choices(batch)
    try:
        orders = [order(vm, choices[_key(vm)]) for vm in batch]
        return {answer.name: answer for answer in account.deploy(orders)}
    except OutOfFunds as error:
        return {vm.name: Refusal(vm.name, str(error), node_at_fault=False) for vm in batch}


def _note(vm: VM, answer: Deployed | Refusal, now: datetime) -> None:
    match answer:
        case Deployed():
            _arrived(vm, answer, now)
        case Refusal():
            if answer.opted_out:
                nodes.opted_out(vm.node_id, now)
            elif answer.node_at_fault:
                nodes.failed(vm.node_id, answer.why, now)
            VM.objects.filter(pk=vm.pk).update(refused_why=answer.why, next_step_at=now)


def _arrived(vm: VM, machine: Deployed, now: datetime) -> None:
    took = (now - (vm.sent_at or now)).total_seconds()
    elsewhere = _elsewhere(vm, machine, now)
    nodes.worked(elsewhere.get("node", vm.node).pk, deploy_ms=round(took * 1000))
    VM.objects.filter(pk=vm.pk).update(
        **elsewhere,
        deployed_at=now,
        contract_ids=list(machine.contract_ids),
        addresses=dict(machine.addresses),
        contract_created_at=machine.created_at,
        next_step_at=now,
    )


def _elsewhere(vm: VM, machine: Deployed, now: datetime) -> dict[str, object]:
    """The node that the grid chose instead of ours, and what the machine costs there; {} where it stands on ours."""
    if machine.node_id == vm.node.node_id:
        return {}
    node = Node.objects.filter(network=connect.network(), node_id=machine.node_id).first()
    prices = quotes.prices(connect.network())
    if node is None or prices is None:
        return {}
    return {"node": node, "quote": quotes.quote({vm: node}, prices, now)[vm]}


def order(vm: VM, choice: placement.Choice) -> Order:
    """The machine as the grid is asked for it. Its token is the same on every try. One that was refused once is sent
    to its own node, whatever its pool would let the grid choose."""
    environment = {
        "FARMHAND_AGENT_URL": Secret(settings.AGENT_URL),
        "FARMHAND_VM": Secret(str(vm.pk)),
        "FARMHAND_TOKEN": vm.bootstrap_token,
        "FARMHAND_PROTECTION": Secret(vm.protection),
    }
    image = catalogue.image(vm.server.app, connect.network()) if vm.server_id else ""
    within = None if vm.failed_nodes else choice.within
    return Order(
        vm.name, vm.node.node_id, vm.cpu, vm.memory_gb * 1024, vm.disk_gb, environment, image, within
    )


def _cancel(twin, account, world: World) -> set[int]:
    """All machines of this twin that are to go, in one batch. A name that the grid does not know never arrived."""
    leaving = VM.objects.filter(wallet__twin=twin, state=VM.State.REMOVING, removed_at=None)
    batch = list(leaving.exclude(sent_at=None).order_by("state_at", "pk")[:CANCELS])
    if not batch:
        return set()
    if any(vm.contract_created_at is None for vm in batch):
        _find_unrecorded(batch, account, world.clock())
    ended = {removed.name: removed.ended_at for removed in account.remove([vm.name for vm in batch])}
    unanswered = [vm for vm in batch if vm.name not in ended]
    there = {machine.name for machine in account.look(VM.prefix())} if unanswered else set()
    gone = [vm for vm in batch if vm.name not in there]
    now = world.clock()
    for vm in gone:
        VM.objects.filter(pk=vm.pk, removed_at=None).update(
            removed_at=now, contract_ended_at=ended.get(vm.name), next_step_at=now
        )
    return {vm.pk for vm in gone}


def _find_unrecorded(batch: Sequence[VM], account, now: datetime) -> None:
    """A turn that died after its deploy left machines that are paid for: note since when, before they go."""
    found = _found([vm for vm in batch if vm.contract_created_at is None], account)
    for vm in batch:
        if vm.name in found:
            _arrived(vm, found[vm.name], now)


def twins_with_work() -> list[int]:
    """The twins that have something to send or to cancel."""
    unsent = Q(state=VM.State.DEPLOYING, deployed_at=None, refused_why="")
    uncancelled = Q(state=VM.State.REMOVING, removed_at=None) & ~Q(sent_at=None)
    return list(VM.objects.filter(unsent | uncancelled).values_list("wallet__twin", flat=True).distinct())
