"""A database with a million jobs and all that belongs to them; the database writes it itself (rows.sql)."""

from datetime import datetime
from pathlib import Path

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection as database, transaction

from runners.models import VM, Job
from tests.builders import a_connection, a_pool, a_price, a_team, a_twin, a_wallet
from tests.house import House
from tfci.grid.models import Node

ROWS = Path(__file__).with_suffix(".sql")
TEAMS, PLACES = 31, 4  # organisations of each, with a pool each
PLACE = "CREATE TEMP TABLE place (nth int, k int, team bigint, connection bigint, pool bigint, wallet bigint)"


def build(now: datetime) -> House:
    """All the rows, and the newest of the largest team."""
    house = write(now, oldest=1)
    with database.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return house


@transaction.atomic
def write(now: datetime, oldest: int) -> House:
    """The rows of the jobs from that number on."""
    with database.cursor() as cursor:
        give_defaults(cursor)
        places = _places(now)
        cursor.execute(PLACE)
        cursor.executemany("INSERT INTO place VALUES (%s, %s, %s, %s, %s, %s)", places)
        cursor.execute(ROWS.read_text(), {"oldest": oldest})
        for statement in database.ops.sequence_reset_sql(no_style(), [Job, VM]):
            cursor.execute(statement)
    job = Job.objects.filter(team_id=places[0][2], state=Job.State.IN_PROGRESS).latest("pk")
    return House(job.team, job.connection, job.pool, job, job.vm, Node.objects.filter(up=True).first())


def _places(now: datetime) -> list[tuple[int, ...]]:
    """Teams with their organisations and pools: nth team, k-th place, and the ids."""
    a_price()
    twin, made = a_twin(), []
    for nth in range(TEAMS):
        team = a_team()
        wallet = a_wallet(team, "900000", twin=twin)
        for k in range(PLACES):
            connection = a_connection(team, last_polled_at=now, last_webhook_at=now, next_poll_at=now)
            pool = a_pool(team, [connection], max_vms=200)
            made.append((nth, k, team.pk, connection.pk, pool.pk, wallet.pk))
    return made


def give_defaults(cursor) -> None:
    """What Django fills in, the database fills in too: so rows.sql names only what it is about."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if (
                field.primary_key
                or field.null
                or field.has_db_default()
                or not (field.has_default() or field.blank)
            ):
                continue
            said = cursor.mogrify("%s", [field.get_db_prep_save(field.get_default(), database)])
            cursor.execute(f'ALTER TABLE {model._meta.db_table} ALTER "{field.column}" SET DEFAULT {said}')
