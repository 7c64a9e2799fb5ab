from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The index is made while jobs go on."""

    atomic = False

    dependencies = [
        ("billing", "0004_twin_swept_at"),
        ("forges", "0004_tallies"),
        ("runners", "0003_find_jobs"),
    ]

    operations = [
        migrations.AddField("job", "told_at", models.DateTimeField(null=True)),
        AddIndexConcurrently(
            "job",
            models.Index(
                fields=["org", "heard_at"],
                condition=models.Q(heard_by="poll", told_at=None),
                name="jobs_no_webhook_told_of",
            ),
        ),
        migrations.CreateModel(
            "Orphan",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("runner", "runner without a machine"), ("machine", "machine without a row")],
                        max_length=10,
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("removed_at", models.DateTimeField()),
                (
                    "org",
                    models.ForeignKey(
                        null=True,
                        on_delete=models.deletion.CASCADE,
                        related_name="+",
                        to="forges.linkedorg",
                    ),
                ),
                (
                    "twin",
                    models.ForeignKey(
                        null=True, on_delete=models.deletion.CASCADE, related_name="+", to="billing.twin"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["org", "removed_at"], name="orphans_of_an_org")],
            },
        ),
    ]
