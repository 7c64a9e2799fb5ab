"""Is the ledger right? What is kept beside its entries is compared with them, and they with what they are about.

Each check is one statement, so it sees one moment, and PostgreSQL adds up: what stays in memory here is a few examples.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, time as time_of_day, timedelta
from enum import StrEnum

from django.db import connection, transaction

from billing.models import LedgerEntry, Verification
from tfci.core.tft import Tft

SHOWN = 10  # differences of a cause
NIGHT = time_of_day(3)  # UTC
KEPT = timedelta(days=90)
# A check that takes longer is given up; and each may hold this much in memory, before it goes on on disk.
BOUNDS = "SET LOCAL statement_timeout = '15min'; SET LOCAL work_mem = '64MB'; SET LOCAL jit = off"


class DifferenceCause(StrEnum):
    BALANCE = "balance"
    WALLET = "wallet"
    SPENT = "spent"
    ROLLUP = "rollup"
    DEPOSIT = "deposit"
    VM = "vm"
    SHARE = "share"
    BILL = "bill"
    WITHDRAWAL = "withdrawal"


TEXTS = {  # of the command, which speaks English
    DifferenceCause.BALANCE: "An account does not hold what its entries add up to.",
    DifferenceCause.WALLET: "A team’s balance is not what its accounts hold.",
    DifferenceCause.SPENT: "The sum of a half hour is not that of its charges.",
    DifferenceCause.ROLLUP: "A sum behind the spend pages is not that of its charges.",
    DifferenceCause.DEPOSIT: "A team was not credited what came to its deposit addresses, or its sweeps.",
    DifferenceCause.VM: "A VM was charged something else than its time at its price.",
    DifferenceCause.SHARE: "A job does not bear an equal share of its VM’s boot, idle time, reboots and teardown.",
    DifferenceCause.BILL: "The chain billed something else than its prices give for the time of a VM.",
    DifferenceCause.WITHDRAWAL: "A withdrawal holds or took something else than it should.",
}


@dataclass(frozen=True, slots=True)
class Check:
    """`sql` gives what it looked at as `about`, `expected` and `found`, in 1e-7 TFT. It may ask for %(now)s."""

    cause: DifferenceCause
    sql: str


@dataclass(frozen=True, slots=True)
class DifferingAmount:
    about: str
    expected: Tft
    found: Tft


@dataclass(frozen=True, slots=True)
class Differences:
    """Of one cause: how many, and the first of them."""

    cause: DifferenceCause
    count: int
    examples: list[DifferingAmount]

    @property
    def text(self) -> str:
        return TEXTS[self.cause]


@dataclass(frozen=True, slots=True)
class Findings:
    """`bills`: of the chain, with the causes of what they differ by from charges; {} where none were compared."""

    entries: int
    differences: list[Differences]
    bills: dict[str, int]

    @property
    def count(self) -> int:
        return sum(one.count for one in self.differences)


BALANCES = """
    SELECT account || ' of team ' || team_id AS about, coalesce(entries.amount, 0) AS expected,
        coalesce(kept.amount, 0) AS found
    FROM (
        SELECT team_id, account, sum(amount) AS amount FROM (
            SELECT team_id, from_account, to_account, sum(moved) FROM billing_ledgerentry GROUP BY 1, 2, 3
        ) AS flow (team_id, source, target, moved)
        CROSS JOIN LATERAL (VALUES (source, -moved), (target, moved)) AS side (account, amount)
        GROUP BY 1, 2
    ) AS entries
    FULL JOIN billing_accountbalance AS kept USING (team_id, account)
"""
WALLETS = """
    SELECT 'team ' || wallet.team_id AS about, coalesce(sum(kept.amount), 0) AS expected, wallet.balance AS found
    FROM billing_wallet AS wallet
    LEFT JOIN billing_accountbalance AS kept ON kept.team_id = wallet.team_id
        AND kept.account IN ('team:' || wallet.team_id, 'grant:' || wallet.team_id)
    GROUP BY wallet.id
"""
SPENT = """
    SELECT concat_ws(', ', 'team ' || team_id, at AT TIME ZONE 'UTC', use, 'pool ' || nullif(pool_id, 0)) AS about,
        coalesce(charges.amount, 0) AS expected, coalesce(kept.amount, 0) AS found
    FROM (
        SELECT team_id, date_bin('30 min', at, timestamptz '1970-01-01 00:00Z') AS at, use, coalesce(pool_id, 0), pool,
            sum(CASE WHEN to_account IN ('operator:income', 'grid') THEN moved ELSE -moved END)
        FROM billing_ledgerentry WHERE kind = 'charge' GROUP BY 1, 2, 3, 4, 5
    ) AS charges (team_id, at, use, pool_id, pool, amount)
    FULL JOIN (SELECT team_id, at, use, coalesce(pool_id, 0) AS pool_id, pool, amount FROM billing_spent) AS kept
        USING (team_id, at, use, pool_id, pool)
    UNION ALL
    SELECT concat_ws(', ', 'team ' || team_id, at AT TIME ZONE 'UTC', repository),
        coalesce(charges.amount, 0), coalesce(kept.amount, 0)
    FROM (
        SELECT team_id, date_bin('30 min', at, timestamptz '1970-01-01 00:00Z'), lower(repository),
            sum(CASE WHEN to_account IN ('operator:income', 'grid') THEN moved ELSE -moved END)
        FROM billing_ledgerentry WHERE kind = 'charge' AND repository <> '' GROUP BY 1, 2, 3
    ) AS charges (team_id, at, repository, amount)
    FULL JOIN (SELECT team_id, at, repository, amount FROM billing_repositoryspent) AS kept
        USING (team_id, at, repository)
"""
DEPOSITS = """
    SELECT 'deposit addresses of team ' || address.team_id AS about,
        coalesce(sum(CASE transfer.role WHEN 'deposit' THEN transfer.amount ELSE -transfer.amount END), 0) AS expected,
        -coalesce(min(kept.amount), 0) AS found
    FROM billing_depositaddress AS address
    LEFT JOIN billing_chaintransfer AS transfer ON transfer.address_id = address.id
        AND transfer.role IN ('deposit', 'sweep') AND transfer.booked_at IS NOT NULL
    LEFT JOIN billing_accountbalance AS kept
        ON kept.team_id = address.team_id AND kept.account = 'chain:deposit:' || address.team_id
    GROUP BY address.team_id
"""
CHECKS = (
    Check(DifferenceCause.BALANCE, BALANCES),
    Check(DifferenceCause.WALLET, WALLETS),
    Check(DifferenceCause.SPENT, SPENT),
    Check(DifferenceCause.DEPOSIT, DEPOSITS),
)


def due(now: datetime) -> bool:
    """Once a night."""
    night = datetime.combine(now.date(), NIGHT, now.tzinfo)
    return now >= night and not Verification.objects.filter(at__gte=night).exists()


def newest() -> Verification | None:
    return Verification.objects.order_by("-at").first()


def run(checks: Iterable[Check], now: datetime, bills: Callable[[], dict[str, int]] = dict) -> Findings:
    """Check the whole ledger, and keep what came of it for the operator."""
    began = time.monotonic()
    differences = [found for check in checks if (found := _differences(check, now)).count]
    findings = Findings(LedgerEntry.objects.count(), differences, bills())
    Verification.objects.create(
        at=now,
        seconds=time.monotonic() - began,
        entries=findings.entries,
        differences=[[one.cause, one.count] for one in differences],
        bills=findings.bills,
    )
    Verification.objects.filter(at__lt=now - KEPT).delete()
    return findings


@transaction.atomic
def _differences(check: Check, now: datetime) -> Differences:
    with connection.cursor() as cursor:
        cursor.execute(BOUNDS)
        cursor.execute(
            f"SELECT about, expected, found, count(*) OVER () FROM ({check.sql}) AS compared"  # noqa: S608  our own
            f" WHERE expected <> found ORDER BY about LIMIT {SHOWN}",
            {"now": now},
        )
        rows = cursor.fetchall()
    examples = [DifferingAmount(about, Tft(expected), Tft(found)) for about, expected, found, _ in rows]
    return Differences(check.cause, rows[0][3] if rows else 0, examples)
