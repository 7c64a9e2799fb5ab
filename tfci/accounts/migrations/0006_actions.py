"""What an audit entry says was done becomes a code. It was chosen by the entry's reason and by which sides it has."""

from django.db import migrations, models

BATCH = 2000
ACTIONS = {  # verb -> the kind of entry, or the reason that made it one -> action
    "team.found": {"": "team_created"},
    "team.change": {"": "team_changed"},
    "team.close": {
        "": "team_deletion_started",
        "kept after all": "team_deletion_stopped",
        "nothing is left of it": "team_deleted",
    },
    "members.invite": {
        "made": "invitation_created",
        "sent again": "invitation_renewed",
        "revoked": "invitation_revoked",
    },
    "members.join": {"made": "member_joined"},
    "members.change": {"": "member_role_changed", "left": "member_left", "ended": "member_removed"},
    "tokens.make": {"made": "token_created"},
    "tokens.revoke": {"": "token_revoked"},
    "connections.change": {
        "made": "connection_created",
        "": "connection_changed",
        "new token": "connection_token_renewed",
        "disconnected": "connection_ended",
        "its App was uninstalled": "connection_app_uninstalled",
        "test job": "test_job_sent",
        "workflows moved": "workflows_moved",
    },
    "pools.change": {
        "made": "pool_created",
        "": "pool_changed",
        "moved": "pool_moved",
        "deleted": "pool_deleted",
    },
    "nodes.keep": {"made": "search_saved", "": "search_changed", "ended": "search_deleted"},
    "nodes.drain": {"made": "drain_started", "ended": "drain_ended"},
    "servers.change": {"made": "server_created", "deleted": "server_deleted"},
    "servers.reveal": {"": "server_secrets_read"},
    "vms.retire": {"": "vm_retired"},
    "vms.debug": {"made": "debug_opened", "ended": "debug_closed"},
    "jobs.rerun": {"": "job_rerun", "its machine failed": "job_rerun_automatically"},
    "jobs.cancel": {"": "job_canceled"},
    "funds.ask": {"": "tft_requested"},
    "operator.credit": {"made": "tft_added"},
    "operator.decline": {"": "tft_request_declined"},
    "operator.limits": {"": "limits_changed"},
    "operator.people": {"made": "operator_changed"},
    "operator.app": {"made": "app_created", "another authority": "app_authority_changed"},
    "operator.account": {"made": "account_added"},
}


def _kind(entry):
    if entry.note and entry.note in ACTIONS.get(entry.what, {}):
        return entry.note
    if "order" in (entry.after or {}):
        return "moved"
    if entry.before is None and entry.after is not None:
        return "made"
    return "ended" if entry.before and entry.after is None else ""


def code(apps, schema_editor):
    """Batch by batch, each a transaction of its own."""
    entries, done = apps.get_model("accounts", "AuditEntry").objects, 0
    while batch := list(entries.filter(pk__gt=done).order_by("pk")[:BATCH]):
        for entry in batch:
            kinds, kind = ACTIONS.get(entry.what, {}), _kind(entry)
            entry.action = kinds.get(kind) or kinds.get("", "")
            entry.note = "" if entry.note == kind else entry.note
        entries.bulk_update([entry for entry in batch if entry.action], ["action", "note"])
        done = batch[-1].pk


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0005_connections")]

    operations = [
        migrations.RenameField("auditentry", "why", "note"),
        migrations.AlterField(
            "auditentry", "note", models.CharField(blank=True, db_default="", max_length=300)
        ),
        migrations.AddField(
            "auditentry",
            "action",
            models.CharField(blank=True, db_default="", default="", max_length=40),
        ),
        migrations.RunPython(code, migrations.RunPython.noop),
    ]
