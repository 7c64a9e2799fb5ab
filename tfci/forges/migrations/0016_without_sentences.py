"""The columns stay for the version before, and go in a later release."""

from django.db import migrations

KEPT = """
ALTER TABLE forges_connection ALTER COLUMN trouble SET DEFAULT '';
ALTER TABLE forges_connection ALTER COLUMN findings SET DEFAULT '[]'::jsonb;
"""


class Migration(migrations.Migration):
    dependencies = [("forges", "0015_old_sentences")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(KEPT)],
            state_operations=[
                migrations.RemoveField("connection", "trouble"),
                migrations.RemoveField("connection", "findings"),
            ],
        )
    ]
