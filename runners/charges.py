"""A VM's spans -> the ledger, while it runs and at its end."""

from collections import defaultdict
from datetime import datetime

from django.db import transaction

from billing import budgets, ledger, quotes
from runners.models import VM, Job, Runner
from runners.rules import metering
from tfci.tft import Tft


@transaction.atomic
def settle(vm: VM, now: datetime) -> None:
    """Charge what its time has cost so far, less what was charged. Safe to repeat; one at a time for a VM.

    A use that was charged too much (its job began earlier than we knew) is corrected by an entry the other way.
    """
    vm = VM.objects.select_for_update(of=("self",)).select_related("quote", "pool", "wallet").get(pk=vm.pk)
    for use, cost in costs(vm, now).items():
        charged, count = ledger.charged(vm.pk, *use)
        if cost != charged:
            _charge(vm, use, count, cost - charged, now)


def costs(vm: VM, now: datetime) -> dict[tuple[str, int | None], Tft]:
    """What each use (boot, idle, refresh, debug, server, job with its id) has cost so far. Their sum is the cost of the
    whole time: each span takes the difference of two costs, so no rounding is lost between them."""
    return priced(vm, spans(vm, now))


def priced(vm: VM, spans: list[metering.Span]) -> dict[tuple[str, int | None], Tft]:
    """The same of spans that are known already."""
    spent: dict[tuple[str, int | None], Tft] = defaultdict(Tft)
    for span in spans:
        until, since = quotes.cost(vm.quote, span.stop), quotes.cost(vm.quote, span.start)
        spent[span.use, span.job_id] += until - since
    return spent


def spans(vm: VM, now: datetime) -> list[metering.Span]:
    """How its paid time was used; none for one that never had a contract."""
    if not vm.contract_created_at:
        return []
    until = vm.contract_ended_at or now
    if vm.server_id:
        return metering.serving(vm.contract_created_at, until, vm.claimed_at)
    taken = vm.runners.exclude(job=None).select_related("job")
    reboots = [metering.Rebooted(one.began_at, one.claimed_at) for one in vm.refreshes.all()]
    ran = [_ran(runner) for runner in taken]
    return metering.spans(vm.contract_created_at, until, vm.claimed_at, ran, reboots, _kept(vm))


def _kept(vm: VM) -> list[metering.Kept]:
    """What it was kept for past its job; not looked for while it can't have been."""
    if vm.state not in (VM.State.KEPT, VM.State.REMOVING, VM.State.GONE):
        return []
    return [metering.Kept(one.kept_at, one.closed_at) for one in vm.debug.all() if one.kept_at]


def left(wallet_id: int, now: datetime) -> Tft:
    """What the wallet has once all that has run up is paid; below 0 where it has less than that."""
    return ledger.balance(wallet_id) - _owed(_running(wallet_id), now)


def _running(wallet_id: int) -> list[VM]:
    alive = VM.objects.filter(wallet=wallet_id).exclude(state=VM.State.GONE).exclude(quote=None)
    return list(alive.select_related("quote").only("contract_created_at", "contract_ended_at", "quote"))


def allowance(wallet_id: int, now: datetime) -> budgets.Allowance:
    """What the wallet may still promise: its balance less what has run up and less the next hour of all that runs."""
    running = _running(wallet_id)
    per_hour = Tft(sum(vm.quote.per_hour for vm in running))
    return budgets.allowance(ledger.balance(wallet_id), _owed(running, now), per_hour)


def _owed(vms: list[VM], now: datetime) -> Tft:
    """What these VMs have run up and not been charged yet."""
    paid = [vm for vm in vms if vm.contract_created_at]
    run_up = Tft(sum(quotes.cost(vm.quote, _milliseconds(vm, now)) for vm in paid))
    return run_up - ledger.spent(vm_id__in=[vm.pk for vm in paid])


def _milliseconds(vm: VM, now: datetime) -> int:
    return metering.milliseconds(vm.contract_created_at, vm.contract_ended_at or now)


def _ran(runner: Runner) -> metering.Ran:
    """From the forge's start, where our own clock does not contradict it (the forge's may be wrong, and counts
    whole seconds), to the engine's end."""
    job, first, until = runner.job, runner.started_at or runner.bound_at, runner.done_at
    if job.state == Job.State.COMPLETED:
        until = until or job.read_at
    if until and first >= until:  # its agent's word of the start came late
        first = runner.bound_at
    began = job.started_at
    known = began and first <= began and (until is None or began < until)
    return metering.Ran(job.pk, min(began, runner.taken_at) if known else first, until)


def _charge(vm: VM, use: tuple[str, int | None], count: int, amount: Tft, now: datetime) -> None:
    name, job_id = use
    ledger.charge(
        vm.wallet,
        f"vm:{vm.pk}:{name}:{job_id or 0}:{count}",
        amount,
        now,
        use=name,
        vm_id=vm.pk,
        job_id=job_id,
        pool_id=vm.pool_id,
        pool=vm.pool.name if vm.pool else "",
        repository=_repository(vm, job_id),
    )


def _repository(vm: VM, job_id: int | None) -> str:
    """A job's own; idle and boot time belong to no repository."""
    return vm.jobs.values_list("repository", flat=True).filter(pk=job_id).first() or "" if job_id else ""
