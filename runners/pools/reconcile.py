"""The pools of one team: read, plan, carry out. It writes rows alone (VMs with a node and a quote, runners bound to a
VM on standby, retirements) and never calls outside.

All pools of a team are planned together, for they share one balance: jobs of any come before what another keeps ready.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import TypedDict

from django.db import transaction
from django.db.models import Q

from billing import quotes, wallets
from runners.jobs import assignment
from runners.jobs.labels import Size
from runners.models import VM, Job, Pool, Runner, Server
from runners.pools import autoscaling, history, kept_ready, planner, plans
from runners.queue.effects import Effects
from runners.reasons import waits
from runners.reasons.retirements import ProtectionChanged, ReuseEnded
from runners.reasons.vms import VmReason
from runners.vms import supply, trust
from runners.vms.placement import Chooser
from tfci.core.optional import present
from tfci.core.reasons import columns
from tfci.core.tft import Tft

CLEARING = ("clearing_node", "clearing_until")  # of a wait for a node, as its reason stores it
PLANNED = (
    *(
        "pool_id",
        "node_id",
        "cpu",
        "memory_gb",
        "disk_gb",
        "state",
        "state_changed_at",
        "retire_reason",
        "protection",
    ),
    *("scope", "retry_at", "refusal", "refusal_params", "quote__per_hour"),
)


class BoundRunner(TypedDict):
    """A VM's runner that has no job yet, as values() reads it."""

    vm_id: int
    connection_id: int
    label_key: str


@dataclass(frozen=True, slots=True)
class PlanInput:
    """What a team's plans are made of."""

    pools: dict[int, Pool]
    seen: list[plans.PoolSeen]
    supply: supply.TeamSupply


def run(pool_id: int, now: datetime) -> Effects:
    """Reconcile a pool, with all others of its team; one team at a time, whoever asks. The pool comes again where there
    is more to start."""
    with transaction.atomic():
        pool = Pool.objects.select_related("team").filter(pk=pool_id, closed_at=None).first()
        if pool is None:
            return Effects()
        wallet = wallets.for_team(pool.team)
        supply.lock(wallet.pk)
        found = read_state(wallet, now)
        planned = planner.plan(found.seen, found.supply, now)
        effects = Effects()
        for seen in found.seen:
            plan = planned[seen.id]
            effects.add(_carry_out(found.pools[seen.id], plan, found, now))
            if not _explain(plan, now):
                effects.add(Effects(pools={seen.id}))
            history.record(found.pools[seen.id], plan, seen, now)
        return effects


def read_state(wallet: wallets.Wallet, now: datetime) -> PlanInput:
    """Read the state, changing nothing. VMs before jobs: each query sees what was committed before it, and a job that
    is taken between them must not be seen waiting with no VM for it, which would be bound to another for good. Read
    the other way round, a job leans on a VM that is taken only until the next decision, which that commit asks for."""
    rows = Pool.objects.filter(team=wallet.team_id, closed_at=None).order_by("position", "pk")
    pools = {pool.pk: pool for pool in rows.select_related("team")}
    vms, demands = _vms(pools, now), _demands(pools, now)
    seen = [
        plans.PoolSeen(pool.pk, demands[pool.pk], vms[pool.pk], _limits(pool, now)) for pool in pools.values()
    ]
    choosers: dict[Chooser, Pool | Server] = dict(pools.items())
    return PlanInput(pools, seen, supply.TeamSupply(wallet, choosers, now))


def _demands(pools: Mapping[int, Pool], now: datetime) -> dict[int, list[plans.Demand]]:
    """Queued jobs by pool, and those that were refused for lack of a node that fits: one may fit now."""
    due = Q(next_offer_at=None) | Q(next_offer_at__lte=now)
    takes = [pk for pk, pool in pools.items() if not pool.closing_at]
    jobs = Job.objects.filter(due, pool__in=takes, connection__disconnecting_at=None)
    columns = (
        *("state", "repository", "pool_id", "pk", "connection_id", "label_key", "size", "queued_at"),
        *("reason", "reason_params", "awaits"),
    )
    queued = jobs.filter(state=Job.State.QUEUED).values_list(*columns)
    unfit = jobs.filter(state=Job.State.REFUSED, reason__in=waits.PERMANENT).exclude(reason="")
    found = defaultdict(list)
    rows = chain(queued, unfit.values_list(*columns))
    for row in rows:
        (
            state,
            repository,
            pool_id,
            job_id,
            connection_id,
            label_key,
            size,
            queued_at,
            reason,
            params,
            vm_id,
        ) = row
        scopes, refused = trust.scopes(connection_id, repository), state == Job.State.REFUSED
        no_node = params if params and reason == waits.WaitCode.NO_NODE_NOW else {}
        facts = {name: no_node[name] for name in CLEARING if no_node.get(name)}
        facts |= {"repository": repository, "awaits": vm_id is not None}
        demand = plans.Demand(job_id, connection_id, label_key, size, queued_at, scopes, refused, **facts)
        found[pool_id].append(demand)
    return found


def _vms(pools: Mapping[int, Pool], now: datetime) -> dict[int, list[plans.PoolVM]]:
    """All by pool that are not gone and hold a place. One that is bound counts as given, whether or not its life has
    noticed yet. One without a node that leaves holds nothing any more."""
    nowhere = Q(node=None) & (~Q(retire_reason="") | ~Q(state=VM.State.WANTED))
    alive = VM.objects.filter(pool__in=list(pools)).alive().exclude(nowhere)
    free = Runner.objects.filter(vm__pool__in=list(pools), deregistered_at=None, job=None)
    given: dict[int, BoundRunner] = {
        runner["vm_id"]: runner
        for runner in free.exclude(vm__state=VM.State.GONE).values("vm_id", "connection_id", "label_key")
    }
    found = defaultdict(list)
    for vm in alive.select_related("quote").only(*PLANNED):
        pool_id = present(vm.pool_id)
        found[pool_id].append(_vm(pools[pool_id], vm, given.get(vm.pk), now))
    return found


def _vm(pool: Pool, vm: VM, given: BoundRunner | None, now: datetime) -> plans.PoolVM:
    waits_for_job = given and vm.state in (VM.State.STANDBY, VM.State.ASSIGNED)
    return plans.PoolVM(
        id=vm.pk,
        size=vm.size,
        state=plans.GIVEN if waits_for_job else _state(vm),
        since=vm.state_changed_at,
        connection_id=given["connection_id"] if given and waits_for_job else None,
        label_key=given["label_key"] if given and waits_for_job else None,
        leaving=bool(vm.retire_reason),
        scope=vm.scope,
        outdated=_outdated(pool, vm),
        per_hour=vm.quote.per_hour if vm.quote else Tft(0),
        refused=None if vm.node_id else supply.refusal(vm, now),
        node_id=vm.node_id,
    )


def _state(vm: VM) -> str:
    if vm.node_id is None:
        return plans.UNPLACED
    return "busy" if vm.state == VM.State.ASSIGNED else vm.state


def _outdated(pool: Pool, vm: VM) -> VmReason | None:
    """What was changed about the pool since it was made; None where it is as it would be made now."""
    if vm.protection != pool.protection:
        return ProtectionChanged(pool.protection)
    return None if trust.allows(pool.reuse, vm.scope) else ReuseEnded()


def _limits(pool: Pool, now: datetime) -> plans.PoolLimits:
    """VMs to hold ready are the pool's own number at this hour, and what its processors' pressure adds."""
    ready: Counter[str] = Counter()
    if not pool.closing_at:
        ready = Counter(kept_ready.numbers(pool, now)) + Counter(autoscaling.added(pool))
    return plans.PoolLimits(pool.max_vms, ready, timedelta(minutes=pool.linger_minutes))


def _carry_out(pool: Pool, plan: plans.Plan, found: PlanInput, now: datetime) -> Effects:
    _bind(plan, now)
    for vm_id, reason in plan.retire.items():
        VM.objects.filter(pk=vm_id).alive().retire(reason, now)
    touched = {*plan.bind, *plan.retire}
    VM.objects.filter(pk__in=touched).alive().update(next_step_at=now)
    placed = _start(pool, plan.start, found.supply, now)
    plan.vm_of_job |= {
        one.job_id: vm_id for one, vm_id in zip(plan.start, placed, strict=True) if one.job_id is not None
    }
    more = any(isinstance(reason, waits.NextDecision) for reason in plan.held_up.values())
    return Effects(vms=touched, placed=set(placed), pools={pool.pk} if more else set())


def _bind(plan: plans.Plan, now: datetime) -> None:
    labels = dict(
        Job.objects.filter(pk__in=[demand.job_id for demand in plan.bind.values()]).values_list(
            "pk", "labels"
        )
    )
    bound = [
        Runner(
            vm_id=vm_id,
            connection_id=demand.connection_id,
            labels=labels[demand.job_id],
            label_key=demand.label_key,
            asked_for_id=demand.job_id,
            bound_at=now,
        )
        for vm_id, demand in plan.bind.items()
    ]
    Runner.objects.bulk_create(bound)


def _start(
    pool: Pool, start: Sequence[plans.Start], team_supply: supply.TeamSupply, now: datetime
) -> list[int]:
    """VMs with their node and quote, in the order of `start`; returns their ids."""
    if not start:
        return []
    owner = {
        "team_id": pool.team_id,
        "pool": pool,
        "wallet": team_supply.wallet,
        "own_twin_id": team_supply.allowance.own_twin,
        "protection": pool.protection,
    }
    sites = [(Size.parse(one.size), one.site.node) for one in start]
    vms = []
    for one, quote in zip(start, quotes.quote(sites, present(team_supply.prices), now), strict=True):
        vm = VM.wanted(Size.parse(one.size), now, **owner)
        vm.pk, vm.node_id, vm.quote = one.vm_id, one.site.node.id, quote
        vms.append(vm)
    VM.objects.bulk_create([vm for vm in vms if vm.pk is None])
    replaced = [vm for vm in vms if vm.pk in {one.vm_id for one in start}]
    VM.objects.bulk_update(replaced, ["node", "quote", "own_twin", "next_step_at"])
    return [vm.pk for vm in vms]


def _explain(plan: plans.Plan, now: datetime) -> bool:
    """Which VM each waiting job waits for, or why there is none. One that was taken meanwhile waits for none. Returns
    False where somebody else was writing one: it waits for no lock, since they may hold several and wait for ours."""
    waiting = Job.objects.filter(pk__in=plan.vm_of_job, state__in=[Job.State.QUEUED, Job.State.REFUSED])
    vm_of_job = dict(waiting.values_list("pk", "awaits"))
    changed = {pk for pk, vm_id in vm_of_job.items() if vm_id != plan.vm_of_job[pk]}
    locked = waiting.filter(Q(pk__in=changed) | Q(decided_at=None)).select_for_update(skip_locked=True)
    free = set(locked.values_list("pk", flat=True))
    rows = waiting.filter(pk__in=changed & free)
    rows.bulk_update([Job(pk=pk, awaits_id=plan.vm_of_job[pk]) for pk in changed & free], ["awaits"])
    rows.update(**columns(None))
    rows.filter(state=Job.State.REFUSED).update(state=Job.State.QUEUED)
    waiting.filter(pk__in=free, decided_at=None).update(decided_at=now)
    held: dict[waits.WaitReason, list[int]] = defaultdict(list)
    for job_id, reason in plan.held_up.items():
        held[reason].append(job_id)
    for reason, job_ids in held.items():
        assignment.hold(job_ids, reason)
    return changed <= free
