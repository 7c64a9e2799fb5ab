"""Wishes that a VM goes are codes with parameters; a sentence of before becomes the code `other`."""

from django.db import migrations, models

BATCH = 5000
CONVERT = """
    UPDATE runners_vm SET retire_reason = 'other', retire_params = jsonb_build_object('text', retire_why)
    WHERE id IN (
        SELECT id FROM runners_vm WHERE retire_why <> '' AND retire_reason = '' ORDER BY id LIMIT %s FOR UPDATE
    )
"""
TRIGGER = """
    SELECT pg_get_triggerdef(oid) FROM pg_trigger
    WHERE tgname = 'hint_vm_changed' AND tgrelid = 'runners_vm'::regclass
"""


def convert(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        while True:
            cursor.execute(CONVERT, [BATCH])
            if not cursor.rowcount:
                return


def hint_wishes(apps, schema_editor):
    """A page hears of the wish, as it heard of its sentence."""
    known, new = (f"old.{name} IS DISTINCT FROM new.{name}" for name in ("retire_why", "retire_reason"))
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(TRIGGER)
        [trigger] = cursor.fetchone()
        assert known in trigger  # noqa: S101 - else open pages would hear of no wish any more
        cursor.execute("DROP TRIGGER hint_vm_changed ON runners_vm")
        cursor.execute(trigger.replace(known, f"{known} OR {new}"))


class Migration(migrations.Migration):
    """Rows are converted in batches, each a transaction of its own. The old column goes with a later release."""

    atomic = False

    dependencies = [("runners", "0026_sentences_become_codes")]

    operations = [
        migrations.AddField("vm", "retire_params", models.JSONField(null=True)),
        migrations.AlterField(
            "vm", "retire_reason", models.CharField(blank=True, db_default="", max_length=40)
        ),
        migrations.RunPython(convert, migrations.RunPython.noop),
        migrations.RunPython(hint_wishes, migrations.RunPython.noop),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL("ALTER TABLE runners_vm ALTER COLUMN retire_why SET DEFAULT ''")],
            [migrations.RemoveField("vm", "retire_why")],
        ),
    ]
