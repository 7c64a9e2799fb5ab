"""Columns get the field's words: a connection, and times that say which event they are of.

Renames alone, each an entry of the catalog: no row is written and no index is built.
"""

from django.db import migrations, models

COLUMNS = {
    "job": {
        "org": "connection",
        "heard_at": "discovered_at",
        "heard_by": "discovered_by",
        "told_at": "first_webhook_at",
        "ending_next_at": "next_end_attempt_at",
        "ending_asked_at": "end_requested_at",
        "offer_again_at": "next_offer_at",
    },
    "orphan": {"org": "connection"},
    "pool": {"orgs": "connections"},
    "runner": {"org": "connection", "forgotten_at": "deregistered_at", "handed_at": "handed_over_at"},
    "vm": {"state_at": "state_changed_at", "beat_at": "last_heartbeat_at"},
}
NAMES = {
    "jobs_of_an_org": "jobs_of_a_connection",
    "open_jobs_of_an_org": "open_jobs_of_a_connection",
    "orphans_of_an_org": "orphans_of_a_connection",
}
INDEXES = {
    "job": [
        models.Index(fields=["connection", "-id"], include=["team"], name="jobs_of_a_connection"),
        models.Index(fields=["team", "discovered_at"], name="jobs_by_time"),
        models.Index(
            fields=["connection", "id"], condition=models.Q(described_at=None), name="jobs_to_describe"
        ),
        models.Index(
            fields=["next_end_attempt_at"],
            condition=models.Q(next_end_attempt_at__isnull=False),
            name="jobs_to_end",
        ),
        models.Index(
            fields=["connection"],
            condition=~models.Q(state="completed"),
            name="open_jobs_of_a_connection",
        ),
        models.Index(
            fields=["connection", "discovered_at"],
            condition=models.Q(discovered_by="poll", first_webhook_at=None),
            name="jobs_no_webhook_told_of",
        ),
    ],
    "orphan": [models.Index(fields=["connection", "removed_at"], name="orphans_of_a_connection")],
    "runner": [
        models.Index(fields=["connection", "forge_runner_id"], name="runner_at_a_forge"),
        models.Index(
            fields=["connection", "-id"],
            condition=~models.Q(done_cause__in=["", "exited"]),
            name="engines_that_failed",
        ),
    ],
}
CONSTRAINTS = {
    "job": models.UniqueConstraint(
        fields=["connection", "forge_job_id", "attempt"], name="one_row_an_attempt"
    ),
    "runner": models.UniqueConstraint(
        fields=["vm"], condition=models.Q(deregistered_at=None), name="one_open_runner_a_vm"
    ),
}
OLD = {new: old for old, new in NAMES.items()}


def same_indexes():
    """What Django knows of indexes whose columns have other names now. PostgreSQL has followed them by itself."""
    for model, indexes in INDEXES.items():
        for index in indexes:
            yield migrations.RemoveIndex(model, OLD.get(index.name, index.name))
            yield migrations.AddIndex(model, index)
    for model, constraint in CONSTRAINTS.items():
        yield migrations.RemoveConstraint(model, constraint.name)
        yield migrations.AddConstraint(model, constraint)


class Migration(migrations.Migration):
    dependencies = [("runners", "0024_reasons_of_reruns"), ("forges", "0013_connections")]
    operations = [
        *(
            migrations.RenameField(model, old, new)
            for model, names in COLUMNS.items()
            for old, new in names.items()
        ),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(f"ALTER INDEX {old} RENAME TO {new}") for old, new in NAMES.items()],
            list(same_indexes()),
        ),
    ]
