import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Nodes that a team lets nothing new start on."""

    dependencies = [("accounts", "0003_audit_filters"), ("grid", "0002_node_finder")]

    operations = [
        migrations.CreateModel(
            "Drain",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("began_at", models.DateTimeField()),
                ("by", models.CharField(max_length=200)),
                (
                    "node",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="drains",
                        to="grid.node",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="accounts.team"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=["team", "node"], name="one_drain_a_node"),
                ],
            },
        ),
    ]
