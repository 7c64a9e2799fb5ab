"""What a turn on the chain ran into is a code with parameters; a sentence of before becomes the code `other`."""

from django.db import migrations, models

CONVERT = """
    UPDATE billing_twin SET problem = 'other', problem_params = jsonb_build_object('text', trouble)
    WHERE trouble <> '' AND problem = ''
"""


class Migration(migrations.Migration):
    """The old column goes with a later release."""

    dependencies = [("billing", "0015_quote_without_discount")]

    operations = [
        migrations.AddField("twin", "problem", models.CharField(blank=True, db_default="", max_length=40)),
        migrations.AddField("twin", "problem_params", models.JSONField(null=True)),
        migrations.RunSQL(CONVERT, migrations.RunSQL.noop),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL("ALTER TABLE billing_twin ALTER COLUMN trouble SET DEFAULT ''")],
            [migrations.RemoveField("twin", "trouble")],
        ),
    ]
