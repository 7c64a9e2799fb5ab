"""Pools say how what jobs write is protected, who may follow on a machine after a reboot, whether arm64 is emulated;
machines know what they were deployed with, and each reboot between two jobs is a row."""

from django.db import migrations, models

POOL = (
    "name position repositories anchors nodes min_distinct_nodes sizes default_size min_vms max_vms"
    " max_job_minutes linger_minutes decision closing_at closed_at rerun_lost container_image"
    " protection reuse arm64_emulated"
)
AGAIN = """
DROP TRIGGER hint_pool_changed ON runners_pool;
CREATE TRIGGER hint_pool_changed AFTER UPDATE ON runners_pool FOR EACH ROW
    WHEN (ROW({old}) IS DISTINCT FROM ROW({new})) EXECUTE FUNCTION hint_pool();
"""
REFRESH = """
CREATE FUNCTION hint_refresh() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE team bigint := (SELECT team_id FROM runners_vm WHERE id = NEW.vm_id);
BEGIN
    IF team IS NOT NULL THEN
        INSERT INTO runners_hint (team_id, topics) VALUES (team, 'vm:' || NEW.vm_id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER hint_refresh_new AFTER INSERT OR UPDATE ON runners_refresh
    FOR EACH ROW EXECUTE FUNCTION hint_refresh();
"""
PROTECTION = [
    ("encrypted", "on an encrypted disk"),
    ("ram", "in memory only"),
    ("none", "on a plain disk"),
]
REUSE = [
    ("never", "nobody's: each job gets a new machine"),
    ("repository", "of the same repository"),
    ("organisation", "of the same organisation"),
]


def of(row: str) -> str:
    return ", ".join(f"{row}.{column}" for column in POOL.split())


class Migration(migrations.Migration):
    dependencies = [("runners", "0009_reruns")]

    operations = [
        migrations.AddField(
            "pool",
            "protection",
            models.CharField(choices=PROTECTION, db_default="encrypted", default="encrypted", max_length=10),
        ),
        migrations.AddField(
            "pool",
            "reuse",
            models.CharField(choices=REUSE, db_default="never", default="never", max_length=12),
        ),
        migrations.AddField("pool", "arm64_emulated", models.BooleanField(db_default=False, default=False)),
        migrations.RunSQL(AGAIN.format(old=of("OLD"), new=of("NEW"))),
        migrations.AddField(
            "vm", "protection", models.CharField(choices=PROTECTION, db_default="none", max_length=10)
        ),
        migrations.AddField("vm", "scope", models.CharField(blank=True, db_default="", max_length=330)),
        migrations.AddField("vm", "image", models.JSONField(null=True)),
        migrations.AlterField(
            "vm",
            "state",
            models.CharField(
                choices=[
                    ("wanted", "wanted"),
                    ("deploying", "deploying"),
                    ("booting", "booting"),
                    ("standby", "on standby"),
                    ("assigned", "assigned"),
                    ("busy", "busy"),
                    ("refreshing", "refreshing"),
                    ("removing", "removing"),
                    ("gone", "gone"),
                ],
                default="wanted",
                max_length=12,
            ),
        ),
        migrations.AddField("job", "event", models.CharField(blank=True, db_default="", max_length=60)),
        migrations.CreateModel(
            "Refresh",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("began_at", models.DateTimeField()),
                ("opened_at", models.DateTimeField(null=True)),
                ("closes_at", models.DateTimeField(null=True)),
                ("claimed_at", models.DateTimeField(null=True)),
                (
                    "vm",
                    models.ForeignKey(
                        on_delete=models.deletion.CASCADE, related_name="refreshes", to="runners.vm"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("claimed_at", None)),
                        fields=["vm"],
                        name="one_open_refresh_a_vm",
                    )
                ],
            },
        ),
        migrations.RunSQL(REFRESH),
    ]
