"""Servers: apps that a team deploys, their machines, and each run of their programs. Pages hear of them as of pools."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

import tfci.core.vault

STATES = [
    ("wanted", "wanted"),
    ("deploying", "deploying"),
    ("booting", "booting"),
    ("standby", "on standby"),
    ("assigned", "assigned"),
    ("busy", "busy"),
    ("kept", "kept open"),
    ("refreshing", "refreshing"),
    ("serving", "serving"),
    ("removing", "removing"),
    ("gone", "gone"),
]
HINTS = """
CREATE OR REPLACE FUNCTION hint_vm() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.team_id IS NOT NULL THEN
        INSERT INTO runners_hint (team_id, topics) VALUES (
            NEW.team_id,
            concat_ws(' ', 'vms', 'vm:' || NEW.id, 'pool:' || NEW.pool_id, 'server:' || NEW.server_id)
        );
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION hint_server() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO runners_hint (team_id, topics) VALUES (NEW.team_id, 'servers server:' || NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER hint_server_new AFTER INSERT ON runners_server FOR EACH ROW EXECUTE FUNCTION hint_server();
CREATE TRIGGER hint_server_changed AFTER UPDATE ON runners_server FOR EACH ROW
    WHEN (ROW(OLD.name, OLD.why, OLD.closing_at, OLD.closed_at)
        IS DISTINCT FROM ROW(NEW.name, NEW.why, NEW.closing_at, NEW.closed_at))
    EXECUTE FUNCTION hint_server();
CREATE FUNCTION hint_stint() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE vm record;
BEGIN
    SELECT team_id, server_id INTO vm FROM runners_vm WHERE id = NEW.vm_id;
    INSERT INTO runners_hint (team_id, topics)
        VALUES (vm.team_id, concat_ws(' ', 'vm:' || NEW.vm_id, 'server:' || vm.server_id));
    RETURN NULL;
END $$;
CREATE TRIGGER hint_stint_new AFTER INSERT ON runners_stint FOR EACH ROW EXECUTE FUNCTION hint_stint();
CREATE TRIGGER hint_stint_changed AFTER UPDATE ON runners_stint FOR EACH ROW
    WHEN (ROW(OLD.started_at, OLD.answered_at, OLD.done_at)
        IS DISTINCT FROM ROW(NEW.started_at, NEW.answered_at, NEW.done_at))
    EXECUTE FUNCTION hint_stint();
"""


def key():
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    """The index is made while jobs go on."""

    atomic = False

    dependencies = [("accounts", "0001_initial"), ("runners", "0013_debug")]

    operations = [
        migrations.AlterField(
            "vm", "state", models.CharField(choices=STATES, default="wanted", max_length=12)
        ),
        migrations.CreateModel(
            "Server",
            [
                ("id", key()),
                ("name", models.CharField(max_length=60)),
                ("app", models.CharField(max_length=40)),
                ("cpu", models.PositiveIntegerField()),
                ("memory_gb", models.PositiveIntegerField()),
                ("disk_gb", models.PositiveIntegerField()),
                ("nodes", models.JSONField(blank=True, default=dict)),
                ("words", tfci.core.vault.SealedField()),
                ("why", models.TextField(blank=True)),
                ("created_at", models.DateTimeField()),
                ("closing_at", models.DateTimeField(null=True)),
                ("closed_at", models.DateTimeField(null=True)),
                (
                    "team",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="accounts.team"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("closed_at", None)),
                        fields=("team", "name"),
                        name="one_server_of_a_name",
                    )
                ]
            },
        ),
        migrations.AddField(
            "vm",
            "server",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="vms",
                to="runners.server",
            ),
        ),
        AddIndexConcurrently(
            "vm",
            models.Index(
                condition=models.Q(("server__isnull", False)),
                fields=["server", "-id"],
                name="machines_of_a_server",
            ),
        ),
        migrations.CreateModel(
            "Stint",
            [
                ("id", key()),
                ("begun_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                ("done_cause", models.CharField(blank=True, max_length=20)),
                ("done_said", models.TextField(blank=True)),
                ("exit_code", models.IntegerField(null=True)),
                (
                    "vm",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stints",
                        to="runners.vm",
                    ),
                ),
            ],
        ),
        migrations.RunSQL(HINTS),
    ]
