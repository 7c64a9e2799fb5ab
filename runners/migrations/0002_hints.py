"""Every change that a page of a team shows leaves a hint. runners/live/change_log.py reads them; docs/decisions/live.md says why.

The table is no model's: unlogged, for hints need not outlive a crash, and each carries its transaction's id.
"""

from django.db import migrations

TABLE = """
CREATE UNLOGGED TABLE runners_hint (
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    team_id bigint NOT NULL,
    topics text NOT NULL
);
CREATE INDEX hints_of_late ON runners_hint (xid);
"""
TRIGGER = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE team bigint := {team};
BEGIN
    IF team IS NOT NULL THEN
        INSERT INTO runners_hint (team_id, topics) VALUES (team, concat_ws(' ', {topics}));
    END IF;
    RETURN NULL;
END $$;
"""
INSERTED = "CREATE TRIGGER {name}_new AFTER INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {name}();"
UPDATED = """
CREATE TRIGGER {name}_changed AFTER UPDATE ON {table} FOR EACH ROW
    WHEN (({old}) IS DISTINCT FROM ({new})) EXECUTE FUNCTION {name}();
"""
OWN, OF_VM = "NEW.team_id", "(SELECT team_id FROM runners_vm WHERE id = NEW.vm_id)"

# name, table, whether a new row is told, the columns whose change is told, the team, the topics
HINTS = [
    (
        "hint_job",
        "runners_job",
        True,
        "state conclusion why pool_id size awaits_id vm_id foreign_runner offer_again_at"
        " queued_at decided_at started_at completed_at",
        OWN,
        "'jobs', 'job:' || NEW.id, 'pool:' || NEW.pool_id",
    ),
    (
        "hint_vm",
        "runners_vm",
        True,
        "state why retire_why team_id pool_id node_id quote_id refused_why phase sent_at deployed_at removed_at died_at"
        " claimed_at done_at contract_created_at contract_ended_at",
        OWN,
        "'vms', 'vm:' || NEW.id, 'pool:' || NEW.pool_id",
    ),
    ("hint_beat", "runners_vm", False, "beat_at", OWN, "'vm:' || NEW.id"),
    (
        "hint_runner",
        "runners_runner",
        True,
        "registered_at handed_at started_at job_id taken_at forgotten_at",
        OF_VM,
        "'vm:' || NEW.vm_id, 'job:' || NEW.asked_for_id, 'job:' || NEW.job_id",
    ),
    (
        "hint_event",
        "runners_event",
        True,
        "",
        OWN,
        "'vm:' || NEW.vm_id, 'job:' || NEW.job_id, 'pool:' || NEW.pool_id",
    ),
    (
        "hint_pool",
        "runners_pool",
        True,
        "name position repositories anchors nodes min_distinct_nodes sizes default_size min_vms max_vms"
        " max_job_minutes linger_minutes decision closing_at closed_at",
        OWN,
        "'pools', 'pool:' || NEW.id",
    ),
    (
        "hint_org",
        "forges_linkedorg",
        True,
        "name way trouble checked_at heard_at limited_until unlinking_at unlinked_at",
        OWN,
        "'orgs', 'org:' || NEW.id",
    ),
    (
        "hint_ledger",
        "billing_ledgerentry",
        True,
        "",
        OWN,
        "'money', 'vm:' || NEW.vm_id, 'job:' || NEW.job_id, 'pool:' || NEW.pool_id",
    ),
]


def forward():
    yield TABLE
    for name, table, inserted, columns, team, topics in HINTS:
        yield TRIGGER.format(name=name, team=team, topics=topics)
        if inserted:
            yield INSERTED.format(name=name, table=table)
        if columns:
            old, new = (", ".join(f"{row}.{column}" for column in columns.split()) for row in ("OLD", "NEW"))
            yield UPDATED.format(name=name, table=table, old=f"ROW({old})", new=f"ROW({new})")


class Migration(migrations.Migration):
    dependencies = [
        ("runners", "0001_initial"),
        ("billing", "0001_initial"),
        ("forges", "0001_initial"),
    ]
    operations = [migrations.RunSQL(list(forward()))]
