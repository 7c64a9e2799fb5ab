"""Why a VM failed on a node is a code with parameters; a sentence of before becomes the code `other`."""

from django.db import migrations, models

CONVERT = """
    UPDATE grid_node SET last_failure = 'other', last_failure_params = jsonb_build_object('text', last_failure_why)
    WHERE last_failure_why <> '' AND last_failure = ''
"""


class Migration(migrations.Migration):
    """The old column goes with a later release."""

    dependencies = [("grid", "0004_steal")]

    operations = [
        migrations.AddField(
            "node", "last_failure", models.CharField(blank=True, db_default="", max_length=40)
        ),
        migrations.AddField("node", "last_failure_params", models.JSONField(null=True)),
        migrations.RunSQL(CONVERT, migrations.RunSQL.noop),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL("ALTER TABLE grid_node ALTER COLUMN last_failure_why SET DEFAULT ''")],
            [migrations.RemoveField("node", "last_failure_why")],
        ),
    ]
