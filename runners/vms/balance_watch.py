"""Watch what each wallet has left: warn its team in time, and end its VMs before it falls below the floor. VMs on a
team's own twin end while that can still pay the chain's fee for it.

Idle VMs go earlier, when the balance no longer covers the next hour (reconcile.py). What is still there at the floor
has a job or serves. Rows record how far this has come, so that a check may run twice or die in the middle.
"""

from datetime import datetime, timedelta

from django.db import transaction

from billing import balance_warnings, budgets, wallets
from billing.budgets import Standing
from runners import engine
from runners.metering import charges
from runners.models import VM, Event
from runners.models.vm import VMQuerySet
from runners.queue.effects import Effects
from runners.reasons.retirements import OwnTwinSpent, PrepaidBalanceSpent
from runners.reasons.vm_notes import BalanceRunsOut
from runners.reasons.vms import VmReason


def due() -> list[int]:
    """Wallets that pay for a VM, or whose team is warned."""
    paying = VM.objects.alive().exclude(quote=None).values_list("wallet", flat=True)
    return sorted({*paying.distinct(), *balance_warnings.warned_wallets()})


@transaction.atomic
def check(wallet_id: int, now: datetime) -> Effects:
    """Compare what one wallet has left with what it pays for, and act on it: at the floor its VMs must end."""
    wallet = wallets.lock(wallet_id)
    runway = charges.runway(wallet_id, now)
    match budgets.standing(runway, balance_warnings.state(wallet), now):
        case Standing.COVERED:
            balance_warnings.clear(wallet)
        case Standing.WARNED:
            _warn(wallet, runway.time_left or timedelta(0), now)
        case Standing.SPENT:
            balance_warnings.end_vms(wallet, now)
            return Effects(vms=_end(_paid(wallet_id), PrepaidBalanceSpent(), now))
    return Effects()


def check_own_twins(now: datetime) -> Effects:
    """Retire the VMs on each own twin that no longer covers them: an account without TFT can't even cancel, so that
    bills would run up until it has some."""
    effects = Effects()
    for twin in wallets.own_twins():
        runway = charges.own_runway(twin, now)
        if runway.per_hour and not runway.covers(budgets.GRACE):
            effects.vms |= _end(_staying().filter(own_twin=twin), OwnTwinSpent(), now)
    return effects


def _warn(wallet: wallets.Wallet, time_left: timedelta, now: datetime) -> None:
    """Once for as long as it holds, with an event on each VM that would end."""
    time_left = max(time_left, budgets.GRACE)
    if balance_warnings.begin(wallet, now + time_left, now):
        minutes = round(time_left.total_seconds() / 60)
        reason = BalanceRunsOut(minutes)
        Event.objects.bulk_create(engine.event(vm, reason, now) for vm in _paid(wallet.pk))


def _end(vms: VMQuerySet, reason: VmReason, now: datetime) -> set[int]:
    """Request the end of all of them, jobs and servers among it; lifecycle.py carries it out."""
    ending = vms.exclude(retire_reason=reason.code)
    ids = set(ending.values_list("pk", flat=True))
    ending.filter(pk__in=ids).retire(reason, now)
    return ids


def _paid(wallet_id: int) -> VMQuerySet:
    """Those that the balance pays for."""
    return _staying().filter(wallet=wallet_id, own_twin=None)


def _staying() -> VMQuerySet:
    """Those that have a price and do not end yet."""
    leaving = (VM.State.REMOVING, VM.State.GONE)
    return VM.objects.exclude(state__in=leaving).exclude(quote=None)
