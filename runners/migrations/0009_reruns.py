"""Pools may have lost jobs run again, and jobs run in a container."""

from django.db import migrations, models

POOL = (
    "name position repositories anchors nodes min_distinct_nodes sizes default_size min_vms max_vms"
    " max_job_minutes linger_minutes decision closing_at closed_at rerun_lost container_image"
)
AGAIN = """
DROP TRIGGER hint_pool_changed ON runners_pool;
CREATE TRIGGER hint_pool_changed AFTER UPDATE ON runners_pool FOR EACH ROW
    WHEN (ROW({old}) IS DISTINCT FROM ROW({new})) EXECUTE FUNCTION hint_pool();
"""


def of(row: str) -> str:
    return ", ".join(f"{row}.{column}" for column in POOL.split())


class Migration(migrations.Migration):
    dependencies = [("runners", "0008_handles")]

    operations = [
        migrations.AddField("pool", "rerun_lost", models.BooleanField(db_default=False, default=False)),
        migrations.AddField(
            "pool", "container_image", models.CharField(blank=True, default="", db_default="", max_length=300)
        ),
        migrations.RunSQL(AGAIN.format(old=of("OLD"), new=of("NEW"))),
        migrations.CreateModel(
            "Rerun",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("next_at", models.DateTimeField()),
                ("tried_at", models.DateTimeField(null=True)),
                ("asked_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("said", models.TextField(blank=True)),
                (
                    "job",
                    models.OneToOneField(
                        on_delete=models.deletion.CASCADE, related_name="rerun", to="runners.job"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at", None)), fields=["next_at"], name="reruns_to_look_into"
                    )
                ],
            },
        ),
    ]
