"""Pools may have a target for their processors, and each size of theirs remembers how hard its machines work."""

import django.db.models.deletion
from django.db import migrations, models

POOL = (
    "name position repositories anchors nodes min_distinct_nodes sizes default_size min_vms max_vms"
    " max_job_minutes linger_minutes decision closing_at closed_at rerun_lost container_image"
    " protection reuse arm64_emulated cpu_target cpu_minutes"
)
AGAIN = """
DROP TRIGGER hint_pool_changed ON runners_pool;
CREATE TRIGGER hint_pool_changed AFTER UPDATE ON runners_pool FOR EACH ROW
    WHEN (ROW({old}) IS DISTINCT FROM ROW({new})) EXECUTE FUNCTION hint_pool();
"""


def of(row: str) -> str:
    return ", ".join(f"{row}.{column}" for column in POOL.split())


class Migration(migrations.Migration):
    dependencies = [("runners", "0014_servers")]

    operations = [
        migrations.AddField("pool", "cpu_target", models.PositiveSmallIntegerField(blank=True, null=True)),
        migrations.AddField(
            "pool", "cpu_minutes", models.PositiveSmallIntegerField(db_default=10, default=10)
        ),
        migrations.RunSQL(AGAIN.format(old=of("OLD"), new=of("NEW"))),
        migrations.CreateModel(
            "Pressure",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("size", models.CharField(max_length=60)),
                ("machines", models.PositiveIntegerField()),
                ("cpu", models.PositiveSmallIntegerField()),
                ("steal", models.PositiveSmallIntegerField()),
                ("high", models.BooleanField()),
                ("since", models.DateTimeField()),
                ("extra", models.PositiveIntegerField()),
                ("changed_at", models.DateTimeField(null=True)),
                ("read_at", models.DateTimeField()),
                (
                    "pool",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pressures",
                        to="runners.pool",
                    ),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=["pool", "size"], name="one_pressure_a_size")],
            },
        ),
    ]
