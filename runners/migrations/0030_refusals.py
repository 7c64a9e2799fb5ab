"""What the grid said to a VM is a code with parameters, and so is why debug access failed; a sentence of before becomes
the code `other`."""

from django.db import migrations, models

BATCH = 5000
TABLES = ("vm", "debugaccess")
CONVERT = """
    UPDATE runners_{table} SET refusal = 'other', refusal_params = jsonb_build_object('text', refused_why)
    WHERE id > %s AND id <= %s AND refused_why <> '' AND refusal = ''
"""
TRIGGER = """
    SELECT pg_get_triggerdef(oid) FROM pg_trigger
    WHERE tgname = 'hint_vm_changed' AND tgrelid = 'runners_vm'::regclass
"""


def convert(apps, schema_editor):
    """Batch by batch, each a transaction of its own."""
    with schema_editor.connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT coalesce(max(id), 0) FROM runners_{table}")
            for start in range(0, cursor.fetchone()[0], BATCH):
                cursor.execute(CONVERT.format(table=table), [start, start + BATCH])


def hint_refusals(apps, schema_editor):
    """Refresh open pages when the code of a refusal changes, as its sentence did."""
    known, new = (f"old.{name} IS DISTINCT FROM new.{name}" for name in ("refused_why", "refusal"))
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(TRIGGER)
        [trigger] = cursor.fetchone()
        assert known in trigger  # noqa: S101 - else open pages would no longer show refusals
        cursor.execute("DROP TRIGGER hint_vm_changed ON runners_vm")
        cursor.execute(trigger.replace(known, new))


def leaves(table):
    """Removed from Django's state only: the version before may still write it."""
    return migrations.SeparateDatabaseAndState(
        [migrations.RunSQL(f"ALTER TABLE runners_{table} ALTER COLUMN refused_why SET DEFAULT ''")],
        [migrations.RemoveField(table, "refused_why")],
    )


def columns(table):
    return [
        migrations.AddField(table, "refusal", models.CharField(blank=True, db_default="", max_length=40)),
        migrations.AddField(table, "refusal_params", models.JSONField(null=True)),
    ]


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("runners", "0029_vms")]

    operations = [
        *(operation for table in TABLES for operation in columns(table)),
        migrations.RunPython(convert, migrations.RunPython.noop),
        migrations.RunPython(hint_refusals, migrations.RunPython.noop),
        *map(leaves, TABLES),
    ]
