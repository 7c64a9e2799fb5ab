"""A wallet's clients on the chain, and the signing lease: one chain act at a time for a twin."""

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta

from django.db import DatabaseError, connection as database
from django.db.models import F, Q, QuerySet

from billing.models import Twin as Twin, Wallet as Wallet
from tfci.accounts.models import Team
from tfci.core.leases import lease
from tfci.core.reasons import Reason, columns
from tfci.core.secret import Secret
from tfci.grid import registry
from tfci.grid.ports import Chain, GridAccount

LEASE = timedelta(seconds=30)  # an act that outlives its holder is over by then
RENEW = LEASE / 3


def for_team(team: Team) -> Wallet:
    """The team's wallet: made when the team was founded, else now."""
    return Wallet.objects.filter(team=team).first() or begin(team)


def team_id(wallet_id: int) -> int:
    """Whose wallet it is."""
    return Wallet.objects.values_list("team", flat=True).get(pk=wallet_id)


def payer(wallet_id: int) -> Wallet:
    """The wallet with the team's own twin, where that pays for new VMs. One query."""
    return Wallet.objects.select_related("own_twin").get(pk=wallet_id)


def on_own_twin(team_id: int) -> bool:
    """Whether the team's own twin pays for its new VMs, and not the balance."""
    return Wallet.objects.filter(team=team_id).exclude(own_twin=None).exists()


def lock(wallet_id: int) -> Wallet:
    """Let no other transaction reserve or move its TFT until this one ends."""
    return Wallet.objects.select_for_update(no_key=True).get(pk=wallet_id)


def begin(team: Team) -> Wallet:
    """A team's wallet, which holds nothing yet; the same one again where it has it. Its twin is the operator's that
    carries fewest; while the operator has none, its VMs wait (has_signer)."""
    Wallet.objects.get_or_create(team=team, defaults={"twin": _least_used()})
    return Wallet.objects.get(team=team)


def _least_used() -> Twin | None:
    """Prepaid teams are spread over the operator's twins: the one that carries fewest wallets."""
    twins = Twin.objects.filter(network=registry.network(), team=None)
    return min(twins, key=lambda twin: (twin.wallets.count(), twin.pk), default=None)


def has_signer(wallet_id: int) -> bool:
    """Whether a twin can sign for the wallet; one that waited for the operator's first gets its twin here."""
    if Wallet.objects.filter(pk=wallet_id, twin=None).exists() and (twin := _least_used()):
        Wallet.objects.filter(pk=wallet_id, twin=None).update(twin=twin)
    return Wallet.objects.filter(pk=wallet_id).exclude(twin=None, own_twin=None).exists()


class NoTwin(Exception):
    """There is no chain account to pay with."""


def account(twin: Twin) -> GridAccount:
    """The twin's client; call it only while its signing lease is held, but for reading."""
    return registry.account(twin.mnemonic)


def reader() -> Chain:
    """Any account, to read the time and prices that are the same for all: one of the operator's, if there is one."""
    twin = _active().order_by(F("team").asc(nulls_first=True), "pk").first()
    if twin is None:
        raise NoTwin("There is no chain account on this grid yet, so no price can be read.")
    return account(twin)


@contextmanager
def signing(twin_id: int, now: datetime, clock: Callable[[], datetime]) -> Iterator[Twin | None]:
    """The right to act for a twin, or None while another process has it. It is renewed while its holder lives; after a
    crash it expires."""
    holder = secrets.token_hex(8)
    twin = lease(
        Twin.objects.all(), Q(signing_until__lte=now), twin_id, signing=holder, signing_until=now + LEASE
    )
    if twin is None:
        yield None
        return
    stopped = threading.Event()
    keeper = threading.Thread(target=_renew_lease, args=[twin, clock, stopped], daemon=True)
    keeper.start()
    try:
        yield twin
    finally:
        stopped.set()
        keeper.join()
        Twin.objects.filter(pk=twin_id, signing=holder).update(signing="", signing_until=now)


def _renew_lease(twin: Twin, clock: Callable[[], datetime], stopped: threading.Event) -> None:
    """Renew the lease in a thread, since an act on the chain may take minutes. A failed renewal is retried."""
    while not stopped.wait(RENEW.total_seconds()):
        with suppress(DatabaseError), closing(database):
            renew_signing(twin, clock())


def renew_signing(twin: Twin, now: datetime) -> bool:
    """Renew the lease between two acts; False if it was lost: then do nothing more."""
    return bool(Twin.objects.filter(pk=twin.pk, signing=twin.signing).update(signing_until=now + LEASE))


def note_problem(twin: Twin, problem: Reason | None) -> None:
    """The problem of the last turn on the chain, for the operator; None if there was none."""
    if twin.problem or problem:
        Twin.objects.filter(pk=twin.pk).update(**columns(problem, "problem"))


def read_holdings(twin_id: int) -> None:
    """Read from the chain what counts for the twin's discount."""
    twin = Twin.objects.get(pk=twin_id)
    found = account(twin).holdings()
    Twin.objects.filter(pk=twin_id).update(
        usable=found.usable, stash=found.stash, reserved=found.reserved, holdings_read_at=found.read_at
    )


def record_sweep(twin: Twin, now: datetime) -> None:
    """Record that the twin's VMs on the grid were compared with our rows."""
    Twin.objects.filter(pk=twin.pk).update(last_swept_at=now)


def twins() -> list[int]:
    """The chain accounts of this installation's grid: the operator's, and those of teams."""
    return list(_active().values_list("pk", flat=True))


def own_twins() -> QuerySet[Twin]:
    """Those of teams."""
    return _active().exclude(team=None)


def _active() -> QuerySet[Twin]:
    """Those whose words are here."""
    return Twin.objects.filter(network=registry.network(), removed_at=None)


def open_twin(twin_id: int, mnemonic: Secret, now: datetime) -> None:
    """Let this installation sign with one more chain account of the operator's."""
    Twin.objects.get_or_create(
        network=registry.network(), twin_id=twin_id, defaults={"mnemonic": mnemonic, "signing_until": now}
    )
