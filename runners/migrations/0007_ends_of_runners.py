"""How an engine ended belongs to its runner: a machine may run several, one after the other."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

COPY = """
UPDATE runners_runner runner SET
    done_at = vm.done_at, done_cause = vm.done_cause, done_said = vm.done_said, exit_code = vm.exit_code
FROM runners_vm vm WHERE runner.vm_id = vm.id AND vm.done_at IS NOT NULL;
"""
AGAIN = """
DROP TRIGGER {name}_changed ON {table};
CREATE TRIGGER {name}_changed AFTER UPDATE ON {table} FOR EACH ROW
    WHEN (ROW({old}) IS DISTINCT FROM ROW({new})) EXECUTE FUNCTION {name}();
"""
OF_A_VM = (
    "state why retire_why team_id pool_id node_id quote_id refused_why phase sent_at deployed_at removed_at died_at"
    " claimed_at contract_created_at contract_ended_at"
)
OF_A_RUNNER = "registered_at handed_at started_at job_id taken_at forgotten_at done_at"


def hinted(name: str, table: str, columns: str) -> migrations.RunSQL:
    old, new = (", ".join(f"{row}.{column}" for column in columns.split()) for row in ("OLD", "NEW"))
    return migrations.RunSQL(AGAIN.format(name=name, table=table, old=old, new=new))


class Migration(migrations.Migration):
    """Indexes are made while jobs go on."""

    atomic = False

    dependencies = [("runners", "0006_hints_of_descriptions")]

    operations = [
        migrations.AddField("runner", "done_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "runner", "done_cause", models.CharField(blank=True, db_default="", max_length=20)
        ),
        migrations.AddField("runner", "done_said", models.TextField(blank=True, db_default="")),
        migrations.AddField("runner", "exit_code", models.IntegerField(null=True)),
        migrations.AddField("runner", "tail", models.TextField(blank=True, db_default="")),
        migrations.RunSQL(COPY),
        hinted("hint_vm", "runners_vm", OF_A_VM),
        hinted("hint_runner", "runners_runner", OF_A_RUNNER),
        AddIndexConcurrently(
            "runner",
            models.Index(
                fields=["org", "-id"],
                condition=~models.Q(done_cause__in=["", "exited"]),
                name="engines_that_failed",
            ),
        ),
        AddIndexConcurrently(
            "vm",
            models.Index(
                fields=["team", "-id"],
                condition=models.Q(died_at__isnull=False),
                name="machines_that_died",
            ),
        ),
        RemoveIndexConcurrently("vm", "machines_that_failed"),
        migrations.RemoveField("vm", "done_at"),
        migrations.RemoveField("vm", "done_cause"),
        migrations.RemoveField("vm", "done_said"),
        migrations.RemoveField("vm", "exit_code"),
    ]
