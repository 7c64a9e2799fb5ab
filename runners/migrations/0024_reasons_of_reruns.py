"""Reruns state a reason too, and a changed reason of any row is hinted to open pages."""

from django.db import migrations, models

HINTS = [  # of each: the table, and the column that told people the reason
    ("hint_job_changed", "runners_job", "why"),
    ("hint_vm_changed", "runners_vm", "why"),
    ("hint_server_changed", "runners_server", "why"),
    ("hint_pool_changed", "runners_pool", "decision"),
]


def _changed(column):
    return f"old.{column} IS DISTINCT FROM new.{column}"


def hint_reasons(apps, schema_editor):
    for name, table, column in HINTS:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = %s AND tgrelid = %s::regclass",
                [name, table],
            )
            [trigger] = cursor.fetchone()
            known, *added = (_changed(each) for each in (column, "reason", "reason_params"))
            assert known in trigger  # noqa: S101 - else open pages would hear of no reason any more
            trigger = trigger.replace(known, " OR ".join([known, *added]))
            cursor.execute(f"DROP TRIGGER {name} ON {table}")
            cursor.execute(trigger)


class Migration(migrations.Migration):
    dependencies = [("runners", "0023_runs_of_programs")]

    operations = [
        migrations.AddField(
            "rerun", "reason", models.CharField(blank=True, default="", db_default="", max_length=40)
        ),
        migrations.AddField("rerun", "reason_params", models.JSONField(null=True)),
        migrations.RunPython(hint_reasons, migrations.RunPython.noop),
    ]
