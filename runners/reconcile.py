"""One pool: look, plan, carry out. It writes wishes (VMs that are wanted, runners bound to a standby, retirements)
and never acts outside."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from billing import wallets
from billing.budgets import Allowance
from runners import charges, decisions, pressures
from runners.models import VM, Job, Pool, Runner
from runners.rules import planning, trust
from runners.rules.labels import Size

PLANNED = ("cpu", "memory_gb", "disk_gb", "state", "state_at", "retire_why", "protection", "scope")
LOCK = 0x6661726D  # the namespace of this file's advisory locks


@dataclass(slots=True)
class Carried:
    """What a door has to go on with: VMs that are due, and the wallet whose machines are to be placed."""

    wallet_id: int | None = None
    vms: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Look:
    """What a pool's plan is made of."""

    demands: list[planning.Demand]
    machines: list[planning.Machine]
    limits: planning.Limits
    left: Allowance


def run(pool_id: int, now: datetime) -> Carried:
    """Reconcile one pool; one at a time, whoever asks."""
    with transaction.atomic():
        _lock(pool_id)
        pool = Pool.objects.select_related("team").filter(pk=pool_id, closed_at=None).first()
        if pool is None:
            return Carried()
        wallet = wallets.of(pool.team, now)
        seen = look(pool, wallet, now)
        plan = planning.plan(seen.demands, seen.machines, seen.limits, now)
        carried = _carry_out(pool, plan, wallet, now)
        _explain(plan, now)
        decisions.record(pool, plan, seen.demands, seen.machines, now)
        return carried


def look(pool: Pool, wallet, now: datetime) -> Look:
    """As it is now, changing nothing."""
    left = charges.allowance(wallet.pk, now)
    return Look(_demands(pool, now), _machines(pool), _limits(pool, left), left)


def _lock(pool_id: int) -> None:
    """Until the transaction ends. A second caller waits: it may have news that the first did not see."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, pool_id])


def _demands(pool: Pool, now: datetime) -> list[planning.Demand]:
    if pool.closing_at:
        return []
    due = Q(offer_again_at=None) | Q(offer_again_at__lte=now)
    rows = Job.objects.filter(due, pool=pool, state=Job.State.QUEUED, org__unlinking_at=None)
    columns = rows.values_list("pk", "org_id", "label_key", "size", "queued_at", "repository")
    return [planning.Demand(*row, trust.scopes(row[1], repository)) for *row, repository in columns]


def _machines(pool: Pool) -> list[planning.Machine]:
    """All that are not gone. One that is bound counts as given, whether or not its life has noticed yet."""
    alive = VM.objects.filter(pool=pool).exclude(state=VM.State.GONE)
    given = {
        runner["vm_id"]: runner
        for runner in Runner.objects.filter(vm__in=alive, forgotten_at=None, job=None).values(
            "vm_id", "org_id", "label_key"
        )
    }
    return [_machine(pool, vm, given.get(vm.pk)) for vm in alive.only(*PLANNED)]


def _machine(pool: Pool, vm: VM, given: dict | None) -> planning.Machine:
    waits = given and vm.state in (VM.State.STANDBY, VM.State.ASSIGNED)
    return planning.Machine(
        id=vm.pk,
        size=vm.size,
        state=planning.GIVEN if waits else ("busy" if vm.state == VM.State.ASSIGNED else vm.state),
        since=vm.state_at,
        org_id=given["org_id"] if waits else None,
        label_key=given["label_key"] if waits else None,
        leaving=bool(vm.retire_why),
        scope=vm.scope,
        outdated=_outdated(pool, vm),
    )


def _outdated(pool: Pool, vm: VM) -> str:
    """What was changed about the pool since it was made; "" where it is as it would be made now."""
    if vm.protection != pool.protection:
        return f"the pool wants what jobs write {pool.get_protection_display()} now"
    if not trust.allows(pool.reuse, vm.scope):
        return "the pool lets no jobs follow one another on it any more"
    return ""


def _limits(pool: Pool, left: Allowance) -> planning.Limits:
    minimum = {} if pool.closing_at else _ready(pool)
    linger = timedelta(minutes=pool.linger_minutes)
    return planning.Limits(pool.max_vms, minimum, linger, left.drained)


def _ready(pool: Pool) -> Counter[str]:
    """Machines to hold ready by size: the pool's minimum, and what its processors' pressure adds."""
    kept = Counter({str(Size.parse(size)): count for size, count in pool.min_vms.items() if count})
    return kept + Counter(pressures.added(pool))


def _carry_out(pool: Pool, plan: planning.Plan, wallet, now: datetime) -> Carried:
    carried = Carried(wallet.pk)
    for vm_id, demand in plan.bind.items():
        job = Job.objects.only("labels").get(pk=demand.job_id)
        Runner.objects.create(
            vm_id=vm_id,
            org_id=demand.org_id,
            labels=job.labels,
            label_key=demand.label_key,
            asked_for_id=demand.job_id,
            bound_at=now,
        )
    touched = [*plan.bind, *plan.retire]
    for vm_id, why in plan.retire.items():
        VM.objects.filter(pk=vm_id).exclude(state=VM.State.GONE).update(retire_why=why)
    VM.objects.filter(pk__in=touched).exclude(state=VM.State.GONE).update(next_step_at=now)
    carried.vms |= set(touched)
    if plan.want:
        whose = {"team_id": pool.team_id, "pool": pool, "wallet": wallet, "protection": pool.protection}
        wishes = [VM.wanted(Size.parse(size), now, **whose) for size in plan.want]
        made = VM.objects.bulk_create(wishes)
        plan.stands_for |= {job_id: made[place].pk for job_id, place in plan.meant_for.items()}
    return carried


def _explain(plan: planning.Plan, now: datetime) -> None:
    """Which machine each waiting job waits for, or why there is none."""
    told = dict(Job.objects.filter(pk__in=plan.stands_for).values_list("pk", "awaits"))
    news = [Job(pk=job, awaits_id=vm, why="") for job, vm in plan.stands_for.items() if told.get(job) != vm]
    Job.objects.bulk_update(news, ["awaits", "why"])
    Job.objects.filter(pk__in=plan.stands_for, decided_at=None).update(decided_at=now)
    for why in set(plan.held_up.values()):
        held = [job_id for job_id, reason in plan.held_up.items() if reason == why]
        Job.objects.filter(pk__in=held).exclude(why=why, awaits=None).update(awaits=None, why=why)
