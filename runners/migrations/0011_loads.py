"""A heartbeat's samples are one packed row; runners keep what their job used, machines what their image said at boot."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runners", "0010_refresh")]

    operations = [
        migrations.CreateModel(
            "Load",
            [
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "vm_id", "at", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("at", models.DateTimeField()),
                ("load", models.FloatField()),
                ("oom_kills", models.PositiveIntegerField()),
                ("samples", models.BinaryField()),
                (
                    "vm",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=models.deletion.CASCADE,
                        related_name="loads",
                        to="runners.vm",
                    ),
                ),
            ],
        ),
        migrations.DeleteModel("Sample"),
        migrations.AddField("vm", "boot_log", models.TextField(blank=True, db_default="")),
        migrations.AddField("runner", "mean_cpu", models.PositiveSmallIntegerField(null=True)),
        migrations.AddField("runner", "peak_cpu", models.PositiveSmallIntegerField(null=True)),
        migrations.AddField("runner", "peak_memory", models.PositiveIntegerField(null=True)),
        migrations.AddField("runner", "peak_disk", models.PositiveIntegerField(null=True)),
        migrations.AddField("runner", "received", models.PositiveBigIntegerField(null=True)),
        migrations.AddField("runner", "sent", models.PositiveBigIntegerField(null=True)),
    ]
