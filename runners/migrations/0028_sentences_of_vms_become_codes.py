"""What VMs, servers and events said in sentences becomes the code `other`. Their old columns go with a later release."""

from django.db import migrations

BATCH = 5000
TABLES = ("vm", "server", "event")
OTHER = """
    UPDATE runners_{table} SET reason = 'other', reason_params = jsonb_build_object('text', why)
    WHERE id > %s AND id <= %s AND reason = '' AND why <> ''
"""
TRIGGER = "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = %s AND tgrelid = %s::regclass"
CHANGED = "old.why IS DISTINCT FROM new.why"


def convert(apps, schema_editor):
    """Batch by batch, each a transaction of its own."""
    with schema_editor.connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT coalesce(max(id), 0) FROM runners_{table}")
            for start in range(0, cursor.fetchone()[0], BATCH):
                cursor.execute(OTHER.format(table=table), [start, start + BATCH])


def unhint(apps, schema_editor):
    """No page shows the sentences any more."""
    for table in ("vm", "server"):
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(TRIGGER, [f"hint_{table}_changed", f"runners_{table}"])
            [trigger] = cursor.fetchone()
            assert CHANGED in trigger  # noqa: S101 - else a trigger would name a column that goes
            cursor.execute(f"DROP TRIGGER hint_{table}_changed ON runners_{table}")
            cursor.execute(trigger.replace(CHANGED, "false"))


def leaves(table):
    """Django knows it no more; a version that still does may write it."""
    return migrations.SeparateDatabaseAndState(
        [migrations.RunSQL(f"ALTER TABLE runners_{table} ALTER COLUMN why SET DEFAULT ''")],
        [migrations.RemoveField(table, "why")],
    )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("runners", "0027_reasons_of_vms")]

    operations = [
        migrations.RunPython(convert, migrations.RunPython.noop),
        migrations.RunPython(unhint, migrations.RunPython.noop),
        *map(leaves, TABLES),
    ]
