"""A VM's spans -> the ledger, while it runs and at its end."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum, prefetch_related_objects

from billing import budgets, credit_requests, ledger, limits, quotes, wallets
from billing.funds import Funds, Rate, average
from billing.spending import alerts
from billing.twin_rules import room
from billing.uses import Use
from runners.metering import cost_shares, spans as metering_spans
from runners.metering.cost_shares import Costs
from runners.models import VM, Job, Runner
from tfci.accounts.models import Team
from tfci.core.optional import present
from tfci.core.tft import Tft

PAID = ("contract_created_at", "contract_ended_at", "quote", "own_twin")  # of VMs, to know what they cost
ENDING = (VM.State.KEPT, VM.State.REMOVING, VM.State.GONE)


@transaction.atomic
def settle(vm: VM, now: datetime) -> None:
    """Charge what its time has cost so far, less what was charged. Safe to repeat; one at a time for a VM.

    A use that was charged too much (its job began earlier than we knew) is corrected by an entry the other way. At its
    end boot, idle, refresh and teardown move to its jobs in the same way: before that, nobody knows how many those are.
    """
    wallets.lock(vm.wallet_id)  # before the VM, as all who lock both
    vm = VM.objects.select_for_update(of=("self",)).select_related("quote", "pool", "wallet").get(pk=vm.pk)
    due = shares(vm, now) if is_off_the_grid(vm) else costs(vm, now)
    charged = ledger.charged(vm.pk)
    for use in (*due, *(charged.keys() - due.keys())):
        amount, count = charged.get(use, (Tft(0), 0))
        if due.get(use, Tft(0)) != amount:
            _charge(vm, use, count, due.get(use, Tft(0)) - amount, now)


def is_off_the_grid(vm: VM) -> bool:
    """Whether its meter has stopped for good."""
    removed = vm.removed_at or not vm.sent_at
    return vm.state == VM.State.GONE or (vm.state == VM.State.REMOVING and bool(removed))


def shares(vm: VM, now: datetime) -> Costs:
    """What each use has cost so far, with what serves all its jobs divided among them."""
    load([vm])
    return cost_shares.divide(costs(vm, now), [present(runner.job_id) for runner in _taken(vm)])


def costs(vm: VM, now: datetime) -> Costs:
    """What each use (boot, idle, refresh, debug, server, teardown, job with its id) has cost so far. Their sum is the
    cost of the whole time: each span takes the difference of two costs, so no rounding is lost between them."""
    return priced(vm, spans(vm, now))


def priced(vm: VM, spans: list[metering_spans.Span]) -> Costs:
    """The same of spans that are known already."""
    spent: dict[tuple[Use, int | None], Tft] = defaultdict(Tft)
    for span in spans:  # a VM without a quote has none
        quote = present(vm.quote)
        until, since = quotes.cost(quote, span.stop), quotes.cost(quote, span.start)
        spent[span.use, span.job_id] += until - since
    return spent


def totals(vms: Iterable[VM], now: datetime) -> dict[int, Tft]:
    """What each has cost so far, by its id: what it has run up, and the ledger's once it is gone."""
    vms = list(vms)
    alive = [vm for vm in vms if vm.state != VM.State.GONE and vm.quote]
    load(alive)
    live = {vm.pk: Tft(sum(costs(vm, now).values())) for vm in alive}
    spent = ledger.spent_each("vm_id", [vm.pk for vm in vms if vm.pk not in live])
    return {vm.pk: live.get(vm.pk, spent.get(vm.pk, Tft(0))) for vm in vms}


def load(vms: Iterable[VM]) -> None:
    """Read all that spans() needs of these VMs, each kind of row in one query."""
    vms = list(vms)
    prefetch_related_objects(vms, "runners__job")
    prefetch_related_objects([vm for vm in vms if vm.scope], "refreshes")
    prefetch_related_objects([vm for vm in vms if vm.state in ENDING], "debug")


def spans(vm: VM, now: datetime) -> list[metering_spans.Span]:
    """How its paid time was used; none for one that never had a contract."""
    if not vm.contract_created_at:
        return []
    until, removing_at = vm.contract_ended_at or now, _removing_at(vm)
    if vm.server_id:
        return metering_spans.serving(vm.contract_created_at, until, vm.claimed_at, removing_at)
    load([vm])
    ran = [_ran(runner) for runner in _taken(vm)]
    reboots = (
        [metering_spans.Rebooted(one.began_at, one.claimed_at) for one in vm.refreshes.all()]
        if vm.scope
        else []
    )
    return metering_spans.spans(
        vm.contract_created_at, until, vm.claimed_at, ran, reboots, _debug_spans(vm), removing_at
    )


def _taken(vm: VM) -> list[Runner]:
    """Its runners that were given a job, the oldest first."""
    return sorted((runner for runner in vm.runners.all() if runner.job_id), key=lambda runner: runner.pk)


def _removing_at(vm: VM) -> datetime | None:
    """When its teardown began; None before that."""
    if vm.state == VM.State.REMOVING:
        return vm.state_changed_at
    if vm.state == VM.State.GONE:
        return vm.events.filter(now=VM.State.REMOVING).order_by("pk").values_list("at", flat=True).first()
    return None


def _debug_spans(vm: VM) -> list[metering_spans.DebugSpan]:
    """What it was kept for past its job; not looked for while it can't have been."""
    if vm.state not in ENDING:
        return []
    return [metering_spans.DebugSpan(one.kept_at, one.closed_at) for one in vm.debug.all() if one.kept_at]


def runway(wallet_id: int, now: datetime) -> budgets.Runway:
    """What the wallet may still spend down to the floor, all that has run up paid, and what that pays for."""
    vms = _prepaid(_running(wallet_id))
    left = ledger.balance(wallet_id) - _owed(vms, now)
    return budgets.Runway(left + Tft.parse(settings.OVERDRAFT), _per_hour_now(vms))


def own_runway(twin: wallets.Twin, now: datetime) -> budgets.Runway:
    """The same of a team's own twin, as far as the chain has told: what it can spend, and what VMs on it take."""
    alive = VM.objects.filter(own_twin=twin).alive().exclude(quote=None)
    vms = list(alive.select_related("quote").only(*PAID))
    return budgets.Runway(room.room(twin.usable) - _unbilled(vms, now), _per_hour_now(vms))


def _per_hour_now(vms: list[VM]) -> Tft:
    return Tft(sum(present(vm.quote).per_hour for vm in vms if not vm.contract_ended_at))


def _running(wallet_id: int) -> list[VM]:
    """All of its team, whoever pays for them."""
    alive = VM.objects.filter(wallet=wallet_id).alive().exclude(quote=None)
    return list(alive.select_related("quote").only(*PAID))


def _prepaid(vms: list[VM]) -> list[VM]:
    return [vm for vm in vms if not vm.own_twin_id]


def _unbilled(vms: list[VM], now: datetime) -> Tft:
    """What VMs on an own twin have cost and the chain has not taken yet, at most."""
    return Tft(sum(room.unbilled(whole_cost(vm, now), present(vm.quote).per_hour) for vm in vms))


def funds(team: Team, now: datetime) -> Funds:
    """What the team has left, and how long that lasts. One query, and one where its average is not remembered."""
    up = _up().filter(team=OuterRef("pk")).values("team")
    count, sum_ = up.annotate(n=Count("pk")).values("n"), up.annotate(n=Sum("quote__per_hour")).values("n")
    wallet = "wallet__balance", "wallet__warned_at", "wallet__runs_out_at", "wallet__spent_at"
    twin = "wallet__own_twin", "wallet__own_twin__usable"
    alerted = alerts.days_left(OuterRef("pk")), alerts.percent(OuterRef("pk"))
    row = Team.objects.values_list(Subquery(count), Subquery(sum_), *wallet, *twin, *alerted)
    vms, per_hour, balance, warned_at, runs_out_at, ended_at, twin_id, usable, days_left, percent = row.get(
        pk=team.pk
    )
    if balance is None:
        balance = wallets.begin(team).balance
    rate = Rate(vms or 0, Tft(per_hour or 0))
    if twin_id:
        left = max(Tft(), room.room(usable))
        return Funds(left, rate, average(team, now), limit_percent=percent, on_own_twin=True)
    asked_at = credit_requests.open_since(team) if balance <= 0 else None
    runs_out_at = runs_out_at if warned_at else None
    return Funds(Tft(balance), rate, average(team, now), runs_out_at, ended_at, asked_at, days_left, percent)


def rates(team_ids: Iterable[int]) -> dict[int, Rate]:
    """What VMs that are up cost the balance, by team. Teams without one are left out."""
    sums = _up().filter(team__in=list(team_ids), own_twin=None).values_list("team")
    counted = sums.annotate(count=Count("pk"), sum=Sum("quote__per_hour"))
    return {team: Rate(count, Tft(per_hour)) for team, count, per_hour in counted}


def _up() -> QuerySet[VM]:
    """Those that are ordered and not cancelled yet."""
    return VM.objects.filter(contract_ended_at=None).exclude(quote=None).alive().order_by()


def allowance(wallet_id: int, now: datetime) -> budgets.Allowance:
    """What may still be promised to new VMs: the balance, or what the team's own twin can spend where that pays for
    them, less what has run up and less the next hour of all that runs on it. The operator's limits are for all VMs."""
    wallet, vms = wallets.payer(wallet_id), _running(wallet_id)
    twin = wallet.own_twin
    if twin is None:
        allowed = _prepaid_allowance(wallet.balance, vms, now)
    else:
        on_twin = [vm for vm in vms if vm.own_twin_id == twin.pk]
        left = room.room(twin.usable)
        allowed = budgets.allowance(left, _unbilled(on_twin, now), _together(on_twin))
    caps = limits.caps(wallet.team_id)
    return replace(allowed, running=_together(vms), caps=caps, own_twin=wallet.own_twin_id)


def _prepaid_allowance(balance: Tft, vms: list[VM], now: datetime) -> budgets.Allowance:
    """Without the operator's limits."""
    prepaid = _prepaid(vms)
    return budgets.allowance(balance, _owed(prepaid, now), _together(prepaid))


def _together(vms: list[VM]) -> budgets.Running:
    return budgets.Running(len(vms), sum((present(vm.quote).per_hour for vm in vms), Tft()))


def payable(wallet_id: int, now: datetime) -> Tft:
    """What its team may take out: of what came by the chain, what neither has run up nor the next hour of all that runs
    needs."""
    from_chain = ledger.from_chain(wallets.team_id(wallet_id))
    left = _prepaid_allowance(ledger.balance(wallet_id), _running(wallet_id), now).left
    return max(Tft(), min(from_chain, left))


def _owed(vms: list[VM], now: datetime) -> Tft:
    """What these VMs have run up and not been charged yet."""
    paid = [vm for vm in vms if vm.contract_created_at]
    run_up = sum((whole_cost(vm, now) for vm in paid), Tft())
    return run_up - ledger.spent(vm_id__in=[vm.pk for vm in paid])


def whole_cost(vm: VM, now: datetime) -> Tft:
    """Of all its time so far; nothing before it has a contract."""
    if vm.contract_created_at is None:
        return Tft()
    until = vm.contract_ended_at or now
    return quotes.cost(present(vm.quote), metering_spans.milliseconds(vm.contract_created_at, until))


def _ran(runner: Runner) -> metering_spans.JobSpan:
    """From the forge's start, where our own clock does not contradict it (the forge's may be wrong, and counts
    whole seconds), to the engine's end."""
    job, first, until = present(runner.job), runner.started_at or runner.bound_at, runner.done_at
    if job.state == Job.State.COMPLETED:
        until = until or job.read_at
    if until and first >= until:  # its agent reported the start late
        first = runner.bound_at
    began = job.started_at
    if began and first <= began and (until is None or began < until):
        first = min(began, present(runner.taken_at))
    return metering_spans.JobSpan(job.pk, first, until)


def _charge(vm: VM, use: tuple[Use, int | None], count: int, amount: Tft, now: datetime) -> None:
    name, job_id = use
    ledger.charge(
        vm.wallet,
        f"vm:{vm.pk}:{name}:{job_id or 0}:{count}",
        amount,
        now,
        on_own_twin=vm.own_twin_id is not None,
        use=name,
        vm_id=vm.pk,
        job_id=job_id,
        pool_id=vm.pool_id,
        pool=vm.pool.name if vm.pool else "",
        repository=_repository(vm, job_id),
    )


def _repository(vm: VM, job_id: int | None) -> str:
    """A job's own; time that is no job's belongs to no repository."""
    return vm.jobs.values_list("repository", flat=True).filter(pk=job_id).first() or "" if job_id else ""
