"""What GitHub said to Apps and scale sets is a code with parameters; a sentence of before becomes the code `other`."""

from django.db import migrations, models

TABLES = ("githubapp", "scaleset")
CONVERT = """
    UPDATE forges_{table} SET problem = 'other', problem_params = jsonb_build_object('text', trouble)
    WHERE trouble <> '' AND problem = ''
"""


def changed(table):
    """The old column goes with a later release: a version that still knows it may write it."""
    return [
        migrations.AddField(table, "problem", models.CharField(blank=True, db_default="", max_length=40)),
        migrations.AddField(table, "problem_params", models.JSONField(null=True)),
        migrations.RunSQL(CONVERT.format(table=table), migrations.RunSQL.noop),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(f"ALTER TABLE forges_{table} ALTER COLUMN trouble SET DEFAULT ''")],
            [migrations.RemoveField(table, "trouble")],
        ),
    ]


class Migration(migrations.Migration):
    dependencies = [("forges", "0016_without_sentences")]

    operations = [operation for table in TABLES for operation in changed(table)]
