"""A year of charges, and the jobs and VMs that they are for; the database writes it itself (year.sql)."""

from pathlib import Path

from django.core.management.color import no_style
from django.db import connection as database, transaction

from billing.models import LedgerEntry
from runners.models import VM, Job
from tests.bench.million_jobs.rows import give_defaults
from tests.builders import a_connection, a_pool, a_price, a_team, a_twin, a_wallet
from tfci.accounts.models import Team

ROWS = Path(__file__).with_suffix(".sql")
TEAMS = 50
PLACE = "CREATE TEMP TABLE place (nth int, team bigint, wallet bigint, connections bigint[], pools bigint[])"


@transaction.atomic
def write(vms: int) -> list[Team]:
    """The teams, the largest first."""
    with database.cursor() as cursor:
        give_defaults(cursor)
    a_price()
    twin, teams, places = a_twin(), [], []
    for nth in range(TEAMS):
        team = a_team()
        wallet = a_wallet(team, twin=twin)
        connections = [a_connection(team) for _ in range(2)]
        pools = [a_pool(team, connections, funded=False) for _ in range(3)]
        teams.append(team)
        places.append((nth, team.pk, wallet.pk, [one.pk for one in connections], [one.pk for one in pools]))
    with database.cursor() as cursor:
        cursor.execute(PLACE)
        cursor.executemany("INSERT INTO place VALUES (%s, %s, %s, %s, %s)", places)
        cursor.execute(ROWS.read_text(), {"vms": vms, "teams": TEAMS})
        for statement in database.ops.sequence_reset_sql(no_style(), [Job, VM, LedgerEntry]):
            cursor.execute(statement)
    return teams
