"""The charges of before 0029 are added, while others are made: a team at a time, again after an interruption. Then the
index that limits were read by goes; the version before finds its sums without it, only slower."""

from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import connection, migrations, transaction

# All who charge a team hold its wallet, so what is counted here is all that was charged until then.
LOCK = "SELECT 1 FROM billing_wallet WHERE id = %s FOR NO KEY UPDATE"
EMPTY = "DELETE FROM billing_repositoryspent WHERE team_id = %s"
FILL = """
INSERT INTO billing_repositoryspent (team_id, repository, at, amount)
SELECT team_id, lower(repository), date_bin('30 min', at, timestamptz '1970-01-01 00:00Z'),
    sum(CASE WHEN to_account = 'operator:income' THEN moved ELSE -moved END)
FROM billing_ledgerentry WHERE team_id = %s AND kind = 'charge' AND repository <> '' GROUP BY 1, 2, 3
"""


def fill(apps=None, schema_editor=None):
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, team_id FROM billing_wallet ORDER BY id")
        for wallet, team in cursor.fetchall():
            with transaction.atomic():
                cursor.execute(LOCK, [wallet])
                cursor.execute(EMPTY, [team])
                cursor.execute(FILL, [team])


class Migration(migrations.Migration):
    """A team is a transaction."""

    atomic = False

    dependencies = [("billing", "0029_repository_spent")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
        RemoveIndexConcurrently("ledgerentry", "ledger_of_a_repository"),
    ]
