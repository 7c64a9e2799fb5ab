"""Warnings of a balance that runs out: since when, until when it lasts, and the mails about it."""

from datetime import datetime, timedelta

from django.db.models import F, Q

from billing.budgets import Warned
from billing.models import Wallet

MAILED_EVERY = timedelta(hours=6)  # at most, for a balance that is low again and again


def state(wallet: Wallet) -> Warned:
    """The team's warning so far."""
    return Warned(wallet.warned_at, wallet.spent_at)


def begin(wallet: Wallet, runs_out_at: datetime, now: datetime) -> bool:
    """Warn; True when that is new. The estimate follows what runs."""
    row = Wallet.objects.filter(pk=wallet.pk)
    row.update(runs_out_at=runs_out_at)
    return bool(row.filter(warned_at=None).update(warned_at=now))


def end_vms(wallet: Wallet, now: datetime) -> None:
    """Note that its VMs were ended; the first time counts."""
    Wallet.objects.filter(pk=wallet.pk, spent_at=None).update(spent_at=now)


def clear(wallet: Wallet) -> None:
    """End the warning: the balance is enough again."""
    if wallet.warned_at or wallet.spent_at:
        Wallet.objects.filter(pk=wallet.pk).update(warned_at=None, spent_at=None, runs_out_at=None)


def warned_wallets() -> list[int]:
    """Wallets whose teams are warned."""
    return list(Wallet.objects.exclude(warned_at=None).values_list("pk", flat=True))


def unmailed(wallet_id: int, now: datetime) -> Wallet | None:
    """The wallet, if its team must be mailed: once when it runs out, and once when its VMs were ended."""
    again = Q(spent_at=None, warned_mailed_at__lte=now - MAILED_EVERY)
    new = Q(warned_mailed_at=None) | again | Q(spent_at__gt=F("warned_mailed_at"))
    return Wallet.objects.select_related("team").exclude(warned_at=None).filter(new, pk=wallet_id).first()


def record_mail(wallet: Wallet, now: datetime) -> None:
    """Call it after the mail went out: a crash in between mails twice, but loses no mail."""
    Wallet.objects.filter(pk=wallet.pk).update(warned_mailed_at=now)
