"""What jobs, reruns and pools said in sentences becomes codes. Their old columns go with a later release."""

from django.db import migrations

BATCH = 5000
SENTENCES = [("runners_job", "why"), ("runners_rerun", "said"), ("runners_pool", "decision")]
CODES = {  # a job's sentence -> the code that says the same
    "its forge holds it back until what it needs is there": "held_by_forge",
    "none of its labels addresses a pool of this team, so it is left to other runners": "not_ours",
    "no pool of the team asks for jobs with these labels in this repository": "no_pool",
    "its forge holds it back though a runner was online for it; trying again later": "runner_unused",
    "its forge is tried again": "forge_retried",
}
CODE = "UPDATE runners_job SET reason = %s WHERE id > %s AND id <= %s AND reason = '' AND why = %s"
OTHER = """
    UPDATE {table} SET reason = 'other', reason_params = jsonb_build_object('text', {column})
    WHERE id > %s AND id <= %s AND reason = '' AND {column} <> ''
"""
HINTS = [("hint_job_changed", "runners_job", "why"), ("hint_pool_changed", "runners_pool", "decision")]
TRIGGER = "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = %s AND tgrelid = %s::regclass"


def convert(apps, schema_editor):
    """Batch by batch, each a transaction of its own."""
    with schema_editor.connection.cursor() as cursor:
        for table, column in SENTENCES:
            cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table}")
            for start in range(0, cursor.fetchone()[0], BATCH):
                batch = [start, start + BATCH]
                if table == "runners_job":
                    for sentence, code in CODES.items():
                        cursor.execute(CODE, [code, *batch, sentence])
                cursor.execute(OTHER.format(table=table, column=column), batch)


def unhint(apps, schema_editor):
    """No page shows the sentences any more."""
    for name, table, column in HINTS:
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(TRIGGER, [name, table])
            [trigger] = cursor.fetchone()
            changed = f"old.{column} IS DISTINCT FROM new.{column}"
            assert changed in trigger  # noqa: S101 - else a trigger would name a column that goes
            cursor.execute(f"DROP TRIGGER {name} ON {table}")
            cursor.execute(trigger.replace(changed, "false"))


def leaves(model, table, column):
    """Django knows it no more; a version that still does may write it."""
    return migrations.SeparateDatabaseAndState(
        [migrations.RunSQL(f"ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT ''")],
        [migrations.RemoveField(model, column)],
    )


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("runners", "0025_connections")]

    operations = [
        migrations.RunPython(convert, migrations.RunPython.noop),
        migrations.RunPython(unhint, migrations.RunPython.noop),
        *(leaves(table.removeprefix("runners_"), table, column) for table, column in SENTENCES),
    ]
