"""The only writer of balances: each movement is written once, and the database keeps what accounts hold."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Count,
    Exists,
    F,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Concat, TruncDate, TruncHour

from billing import ledger_accounts as accounts
from billing.models import AccountBalance, LedgerEntry, Spent, Wallet
from billing.uses import Use
from tfci.accounts.models import Team
from tfci.core.tft import Tft

Entry: TypeAlias = LedgerEntry  # the name for other apps

GRANT = "grant:"  # prefix of a starter grant's key; the team's id follows
REST = ":rest"  # behind the key: of what the first of two accounts did not have
TOP_UPS = (LedgerEntry.Kind.GRANT, LedgerEntry.Kind.DEPOSIT)
CONTENTS = ("wallet_id", "kind", "use", "vm_id", "job_id", "pool_id", "pool", "repository")
TAKEN = Case(  # of a charge, in 1e-7 TFT; below zero where it corrects another
    When(to_account__in=accounts.VM_TIME, then=F("moved")),
    default=-F("moved"),
    output_field=BigIntegerField(),
)


class KeyTaken(Exception):
    """Something else was written under that key."""


class Transfer(NamedTuple):
    source: str
    target: str
    amount: Tft


def grant(wallet: Wallet, amount: Tft, now: datetime) -> bool:
    """The operator's starter grant; False where the team had it. billing/grants.py ensures that a person and a mailbox
    get it once, over all of their teams."""
    return _write(wallet, f"{GRANT}{wallet.team_id}", LedgerEntry.Kind.GRANT, amount, now)


def had_grant(team: OuterRef) -> Exists:
    """Whether the team of an outer row had the starter grant: a lookup of the unique key, not of all entries."""
    return Exists(LedgerEntry.objects.filter(key=Concat(Value(GRANT), Cast(team, CharField()))))


def deposit(wallet: Wallet, key: str, amount: Tft, now: datetime, source: str = accounts.OUTSIDE) -> bool:
    """TFT that came in. `key` identifies the payment: recording it twice counts once."""
    return _write(wallet, f"deposit:{key}", LedgerEntry.Kind.DEPOSIT, amount, now, source)


def sweep(wallet: Wallet, key: str, amount: Tft, now: datetime) -> bool:
    """TFT that went from the team's deposit address to the cashier; its balance stays as it is."""
    return _write(wallet, f"sweep:{key}", LedgerEntry.Kind.SWEEP, amount, now)


def charge(
    wallet: Wallet, key: str, amount: Tft, now: datetime, *, on_own_twin: bool = False, **facts: Any
) -> bool:
    """Take `amount` for a VM's time, of the grant first; one below zero corrects another, and goes back to where that
    was taken from. `on_own_twin`: the team's own chain account pays the grid, so nothing of the balance is taken. False
    when an entry of that key stands already."""
    source = accounts.OWN_TWIN if on_own_twin else ""
    return _write(wallet, key, LedgerEntry.Kind.CHARGE, -amount, now, source, **facts)


@transaction.atomic
def transfer(wallet: Wallet, key: str, kind: LedgerEntry.Kind, movement: Transfer, now: datetime) -> bool:
    """Move an amount between two accounts that are named. False when it stands there already; raises KeyTaken where
    something else does."""
    Wallet.objects.select_for_update(no_key=True).get(pk=wallet.pk)
    facts = {
        "wallet_id": wallet.pk,
        "team_id": wallet.team_id,
        "kind": kind,
        "from_account": movement.source,
        "to_account": movement.target,
        "moved": movement.amount,
    }
    if known := LedgerEntry.objects.filter(key=key).values(*facts).first():
        if known != facts:
            raise KeyTaken(key)
        return False
    LedgerEntry.objects.create(key=key, at=now, **facts)
    return True


@transaction.atomic
def _write(
    wallet: Wallet,
    key: str,
    kind: LedgerEntry.Kind,
    change: Tft,
    now: datetime,
    source: str = accounts.OUTSIDE,
    **facts: object,
) -> bool:
    """`change`: of the team's balance, but for a sweep and for VM time on an own twin. `source`: of a deposit, and of
    that. False when it stands there already, and
    where there is nothing to move. Raises KeyTaken where something else stands there."""
    Wallet.objects.select_for_update(no_key=True).get(pk=wallet.pk)
    about = {"wallet_id": wallet.pk, "team_id": wallet.team_id, "kind": kind, "at": now, **facts}
    transfers = [each for each in _transfers(kind, wallet.team_id, change, source) if each.amount]
    new = [
        LedgerEntry(
            key=f"{key}{end}", from_account=each.source, to_account=each.target, moved=each.amount, **about
        )
        for each, end in zip(transfers, ("", REST), strict=False)
    ]
    if known := list(LedgerEntry.objects.filter(key__in=[key, f"{key}{REST}"])):
        if _contents(known) != _contents(new):
            raise KeyTaken(key)
        return False
    LedgerEntry.objects.bulk_create(new)
    if kind in (LedgerEntry.Kind.GRANT, LedgerEntry.Kind.DEPOSIT):
        Wallet.objects.filter(pk=wallet.pk).update(warned_at=None, spent_at=None)
    return bool(new)


def _contents(entries: list[LedgerEntry]) -> tuple[set[tuple[object, ...]], int, int]:
    """What they are about, and how much they move: of which accounts of the team depends on what those had."""
    about = {tuple(getattr(entry, name) for name in CONTENTS) for entry in entries}
    return about, sum(entry.amount for entry in entries), sum(entry.charged for entry in entries)


def _transfers(kind: LedgerEntry.Kind, team_id: int, change: Tft, source: str) -> list[Transfer]:
    """Between which accounts: one transfer, and a second where the first account does not hold enough."""
    team, grant = accounts.own(team_id)
    if kind == LedgerEntry.Kind.GRANT:
        return [Transfer(accounts.GRANTS, grant, change)]
    if kind == LedgerEntry.Kind.DEPOSIT:
        return [Transfer(source, team, change)]
    if kind == LedgerEntry.Kind.SWEEP:
        return [Transfer(accounts.CASHIER, accounts.deposit(team_id), change)]
    if source == accounts.OWN_TWIN:
        ends = (source, accounts.GRID) if change < 0 else (accounts.GRID, source)
        return [Transfer(*ends, Tft(abs(change)))]
    held: dict[str, Tft] = dict(AccountBalance.objects.filter(team=team_id).values_list("account", "amount"))
    left = held.get(grant, Tft())
    if change < 0:
        granted = min(-change, left)
        return [Transfer(grant, accounts.INCOME, granted), Transfer(team, accounts.INCOME, -change - granted)]
    # What was taken last goes back first: to the grant only what the team has not paid itself.
    taken_of_grant = -held.get(accounts.GRANTS, Tft()) - left
    taken_of_team = max(Tft(), held.get(accounts.INCOME, Tft()) - taken_of_grant)
    granted = min(taken_of_grant, max(Tft(), change - taken_of_team))
    return [Transfer(accounts.INCOME, team, change - granted), Transfer(accounts.INCOME, grant, granted)]


def from_chain(team_id: int) -> Tft:
    """What of a team's TFT may leave again by the chain: at most what it paid in there, less what has left or is on its
    way. What the operator added by hand is spent first, and a grant never leaves."""
    held: dict[str, Tft] = dict(AccountBalance.objects.filter(team=team_id).values_list("account", "amount"))
    on_chain = sum(-amount for account, amount in held.items() if account.startswith(accounts.CHAIN))
    leaving = held.get(accounts.held(team_id), Tft()) + held.get(accounts.IN_FLIGHT, Tft())
    return max(Tft(), min(held.get(accounts.team(team_id), Tft()), Tft(on_chain) - leaving))


def balance(wallet_id: int) -> Tft:
    """The wallet's balance now."""
    return Tft(Wallet.objects.values_list("balance", flat=True).get(pk=wallet_id))


def spent(**filters: object) -> Tft:
    """The sum of charges, as a positive amount, of the entries that match (vm_id=…, job_id=…, team=…)."""
    rows = LedgerEntry.objects.filter(kind=LedgerEntry.Kind.CHARGE, **filters)
    return Tft(rows.aggregate(sum=Sum(TAKEN))["sum"] or 0)


def charged(vm_id: int) -> dict[tuple[Use, int | None], tuple[Tft, int]]:
    """What was taken for each use of a VM and each of its jobs, and by how many entries."""
    rows = LedgerEntry.objects.filter(vm_id=vm_id, kind=LedgerEntry.Kind.CHARGE).order_by()
    sums = rows.values_list("use", "job_id").annotate(sum=Sum(TAKEN), count=Count("pk"))
    return {(Use(use), job_id): (Tft(total), count) for use, job_id, total, count in sums}


def spent_by_use(job_id: int) -> dict[Use, Tft]:
    """What was taken for a job: its own time, and its shares of what its VM took besides."""
    rows = LedgerEntry.objects.filter(job_id=job_id, kind=LedgerEntry.Kind.CHARGE).order_by()
    return {Use(use): Tft(total) for use, total in rows.values_list("use").annotate(sum=Sum(TAKEN))}


def spent_on_own_twin(team: Team, since: datetime, zone: ZoneInfo) -> dict[date, Tft]:
    """What VMs on the team's own twin took, by day."""
    moved = Q(from_account=accounts.OWN_TWIN) | Q(to_account=accounts.OWN_TWIN)
    rows = LedgerEntry.objects.filter(
        moved, team=team, kind=LedgerEntry.Kind.CHARGE, at__gte=since
    ).order_by()
    by_day = rows.values_list(TruncDate("at", tzinfo=zone)).annotate(sum=Sum(TAKEN))
    return {day: Tft(total) for day, total in by_day}


def spent_each(by: str, keys: Iterable[int]) -> dict[int, Tft]:
    """What was taken for each of many, in one query; `by` is vm_id, job_id or pool_id."""
    rows = LedgerEntry.objects.filter(kind=LedgerEntry.Kind.CHARGE, **{f"{by}__in": list(keys)})
    return {key: Tft(total) for key, total in rows.values_list(by).annotate(sum=Sum(TAKEN))}


def spent_of(by: str) -> Subquery:
    """The same beside each row of a queryset, in 1e-7 TFT; None where nothing was taken. `by` as above."""
    rows = LedgerEntry.objects.filter(kind=LedgerEntry.Kind.CHARGE, **{by: OuterRef("pk")})
    sums = rows.order_by().values(by).annotate(sum=Sum(TAKEN, output_field=BigIntegerField()))
    return Subquery(sums.values("sum"))


def spent_by_hour(team: Team, since: datetime) -> list[dict[str, Any]]:
    """One row an hour and use: {"hour", "use", "amount"}."""
    rows = (
        _sums(since, team=team)
        .annotate(hour=TruncHour("at"))
        .values("hour", "use")
        .annotate(sum=Sum("amount"))
        .order_by("hour", "use")
    )
    return [{"hour": row["hour"], "use": row["use"], "amount": Tft(row["sum"])} for row in rows]


def spent_by_pool(team: Team, since: datetime) -> list[dict[str, Any]]:
    """One row a pool and use: {"pool_id", "pool", "use", "amount"}."""
    rows = (
        _sums(since, team=team)
        .values("pool_id", "pool", "use")
        .annotate(sum=Sum("amount"))
        .order_by("pool", "use")
    )
    return [
        {"pool_id": row["pool_id"], "pool": row["pool"], "use": row["use"], "amount": Tft(row["sum"])}
        for row in rows
    ]


def spent_in_a_day(team: Team, now: datetime) -> Tft:
    """What the last 24 hours took."""
    return Tft(_sums(now - timedelta(days=1), team=team).aggregate(sum=Sum("amount"))["sum"] or 0)


def spent_since_first(team_ids: Iterable[int], since: datetime) -> dict[int, tuple[Tft, datetime]]:
    """By team: what was taken since then, and the half hour of the first of it; teams without any are left out."""
    rows = _sums(since, team__in=list(team_ids)).values_list("team")
    sums = rows.annotate(sum=Sum("amount"), first=Min("at")).order_by()
    return {team: (Tft(total), first) for team, total, first in sums}


def _sums(since: datetime, **filters: object) -> QuerySet[Spent]:
    """Sums of charges by the half hour, from the one in which `since` lies."""
    return Spent.objects.filter(at__gte=half_hour(since), **filters)


def half_hour(at: datetime) -> datetime:
    """When the half hour of that moment begins."""
    return at - timedelta(minutes=at.minute % 30, seconds=at.second, microseconds=at.microsecond)


def last_top_up(team_id: int) -> int:
    """The id of the newest entry by which TFT came in; 0 where none did."""
    came_in = LedgerEntry.objects.filter(team=team_id, kind__in=TOP_UPS).order_by("-pk")
    return came_in.values_list("pk", flat=True).first() or 0


def spending_teams(since: datetime) -> list[int]:
    """Those with a balance of which something was taken since then."""
    taken = Spent.objects.filter(team=OuterRef("team"), at__gte=half_hour(since))
    return list(Wallet.objects.filter(Exists(taken), balance__gt=0).values_list("team", flat=True))


def balances(team_ids: Iterable[int]) -> dict[int, Tft]:
    """Team id -> its wallet's balance; teams without one are left out."""
    return dict(Wallet.objects.filter(team__in=list(team_ids)).values_list("team", "balance"))


def spent_by_team(team_ids: Iterable[int], since: datetime) -> dict[int, Tft]:
    """Team id -> what was taken since then; teams without any are left out."""
    rows = _sums(since, team__in=list(team_ids)).values_list("team")
    return {team: Tft(total) for team, total in rows.annotate(sum=Sum("amount")).order_by()}


def charges(team: Team) -> QuerySet[LedgerEntry]:
    """All that was taken of a team, and what corrects it."""
    return LedgerEntry.objects.filter(team=team, kind=LedgerEntry.Kind.CHARGE)


def entries(team: Team) -> QuerySet[LedgerEntry]:
    """All entries that moved a team's balance, newest first."""
    own = accounts.own(team.pk)
    moved = Q(from_account__in=own) | Q(to_account__in=own)
    return LedgerEntry.objects.filter(moved, team=team).order_by("-at", "-id")
