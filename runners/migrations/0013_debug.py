"""Debug access: a machine may be kept open past its job, and each person's way in is a row, which the pages of that
machine are told of."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

HINT = """
CREATE FUNCTION hint_debug() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE team bigint := (SELECT team_id FROM runners_vm WHERE id = NEW.vm_id);
BEGIN
    IF team IS NOT NULL THEN
        INSERT INTO runners_hint (team_id, topics) VALUES (team, 'vm:' || NEW.vm_id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER hint_debug_new AFTER INSERT OR UPDATE ON runners_debugaccess
    FOR EACH ROW EXECUTE FUNCTION hint_debug();
"""


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("runners", "0012_refreshes_of_late"),
    ]

    operations = [
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
                    ("kept", "kept open"),
                    ("refreshing", "refreshing"),
                    ("removing", "removing"),
                    ("gone", "gone"),
                ],
                default="wanted",
                max_length=12,
            ),
        ),
        migrations.CreateModel(
            "DebugAccess",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("who", models.CharField(max_length=300)),
                ("keys", models.JSONField()),
                ("opened_at", models.DateTimeField()),
                ("closes_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(null=True)),
                ("kept_at", models.DateTimeField(null=True)),
                ("host_key", models.CharField(blank=True, max_length=200)),
                ("refused_why", models.CharField(blank=True, max_length=300)),
                (
                    "user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "vm",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="debug", to="runners.vm"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "debug accesses",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)),
                        fields=["vm"],
                        name="one_person_in_a_machine",
                    )
                ],
            },
        ),
        migrations.RunSQL(HINT),
    ]
