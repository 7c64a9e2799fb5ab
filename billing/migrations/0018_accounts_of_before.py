"""Entries of before get their accounts, one to one, while charges go on.

A team that has spent its grant has it among what it paid in. One that has not has spent nothing else: all its charges
come from the grant. Either way its grant holds what is left of it, as if it had been spent first all along.
"""

from django.db import connection, migrations, transaction

AT_ONCE = 5000
UNFINISHED = "SELECT DISTINCT team_id, wallet_id FROM billing_ledgerentry WHERE from_account IS NULL"
# What an interrupted run has decided holds.
ON_GRANT = """
SELECT coalesce(
    bool_or(to_account = 'grant:' || team_id) FILTER (WHERE kind = 'grant' AND from_account IS NOT NULL),
    sum(amount) FILTER (WHERE kind IN ('grant', 'charge')) > 0)
FROM billing_ledgerentry WHERE team_id = %s AND kind IN ('grant', 'charge')
"""
LOCK = "SELECT 1 FROM billing_wallet WHERE id = %s FOR NO KEY UPDATE"
FILL = """
WITH batch AS (
    SELECT id FROM billing_ledgerentry WHERE team_id = %(team)s AND id > %(after)s ORDER BY id LIMIT %(at_once)s
), filled AS (
    UPDATE billing_ledgerentry AS entry SET (from_account, to_account, moved) = (
        SELECT source, target, abs(entry.amount) FROM billing_accounts_of_before(entry.kind, entry.amount,
            CASE entry.kind WHEN 'deposit' THEN 'team:' || entry.team_id ELSE %(own)s END))
    FROM batch WHERE entry.id = batch.id AND entry.from_account IS NULL
    RETURNING entry.team_id, from_account, to_account, moved
), kept AS (
    INSERT INTO billing_accountbalance AS kept (team_id, account, amount)
    SELECT team_id, account, sum(amount) FROM (
        SELECT team_id, from_account, -moved FROM filled UNION ALL SELECT team_id, to_account, moved FROM filled
    ) AS sides (team_id, account, amount) GROUP BY 1, 2
    ON CONFLICT (team_id, account) DO UPDATE SET amount = kept.amount + EXCLUDED.amount
)
SELECT max(id) FROM batch
"""


def fill(apps=None, schema_editor=None):
    """Again after an interruption: what has its accounts is left alone."""
    with connection.cursor() as cursor:
        cursor.execute(UNFINISHED)
        for team, wallet in cursor.fetchall():
            cursor.execute(ON_GRANT, [team])
            own = f"grant:{team}" if cursor.fetchone()[0] else f"team:{team}"
            after = 0
            while after is not None:
                with transaction.atomic():
                    cursor.execute(LOCK, [wallet])
                    cursor.execute(FILL, {"team": team, "after": after, "own": own, "at_once": AT_ONCE})
                    after = cursor.fetchone()[0]


class Migration(migrations.Migration):
    """A batch is a transaction."""

    atomic = False

    dependencies = [("billing", "0017_accounts")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
