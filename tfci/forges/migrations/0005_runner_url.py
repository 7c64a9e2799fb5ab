"""Engines may call another address than we do, and a whole instance may be linked."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("forges", "0004_tallies")]

    operations = [
        migrations.AddField(
            "linkedorg", "runner_url", models.CharField(blank=True, db_default="", max_length=300)
        ),
        migrations.AlterField(
            "linkedorg",
            "level",
            models.CharField(
                choices=[
                    ("org", "organisation"),
                    ("user", "user"),
                    ("repo", "repository"),
                    ("instance", "instance"),
                ],
                default="org",
                max_length=10,
            ),
        ),
    ]
