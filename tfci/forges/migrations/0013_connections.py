"""A linked organization, user, repository or instance is a connection, in tables and columns too.

Renames alone, each an entry of the catalog: no row is written. What the trigger tells of is renamed with it.
"""

from django.db import migrations, models

TOPICS = """
CREATE OR REPLACE FUNCTION hint_org() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO runners_hint (team_id, topics) VALUES (NEW.team_id, 'connections connection:' || NEW.id);
    RETURN NULL;
END $$;
ALTER FUNCTION hint_org() RENAME TO hint_connection;
ALTER TRIGGER hint_org_new ON forges_connection RENAME TO hint_connection_new;
ALTER TRIGGER hint_org_changed ON forges_connection RENAME TO hint_connection_changed;
"""
TIMES = {
    "heard_at": "last_webhook_at",
    "linked_at": "connected_at",
    "poll_at": "next_poll_at",
    "polled_at": "last_polled_at",
    "stirred_at": "last_activity_at",
    "swept_at": "last_swept_at",
    "told_of_end_at": "expiry_warned_at",
    "unlinked_at": "disconnected_at",
    "unlinking_at": "disconnecting_at",
}
INDEXES = {
    "delivery": [
        models.Index(
            fields=["connection", "id"],
            condition=models.Q(told__isnull=False),
            name="deliveries_to_take_in",
        )
    ]
}
CONSTRAINTS = {
    "delivery": models.UniqueConstraint(fields=["connection", "delivery_id"], name="a_delivery_counts_once"),
    "scaleset": models.UniqueConstraint(fields=["connection", "label"], name="one_scale_set_a_label"),
    "tally": models.UniqueConstraint(fields=["connection", "kind", "day"], name="one_tally_a_kind_and_day"),
}


def same_indexes():
    """What Django knows of indexes whose columns have other names now. PostgreSQL has followed them by itself."""
    for model, indexes in INDEXES.items():
        for index in indexes:
            yield migrations.RemoveIndex(model, index.name)
            yield migrations.AddIndex(model, index)
    for model, constraint in CONSTRAINTS.items():
        yield migrations.RemoveConstraint(model, constraint.name)
        yield migrations.AddConstraint(model, constraint)


class Migration(migrations.Migration):
    dependencies = [("forges", "0012_one_spelling"), ("runners", "0021_jobs_to_end")]
    operations = [
        migrations.RenameModel("LinkedOrg", "Connection"),
        *(migrations.RenameField("connection", old, new) for old, new in TIMES.items()),
        *(migrations.RenameField(model, "org", "connection") for model in ("delivery", "scaleset", "tally")),
        migrations.RenameField("scaleset", "heard_at", "last_message_at"),
        migrations.AlterField(
            "connection",
            "installation",
            models.ForeignKey(
                null=True, on_delete=models.PROTECT, related_name="connections", to="forges.installation"
            ),
        ),
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "ALTER INDEX one_link_over_one_org RENAME TO one_connection_over_one_organization"
                )
            ],
            [
                *same_indexes(),
                migrations.RemoveConstraint("connection", "one_link_over_one_org"),
                migrations.AddConstraint(
                    "connection",
                    models.UniqueConstraint(
                        fields=["forge", "url", "name"],
                        condition=models.Q(disconnected_at=None),
                        name="one_connection_over_one_organization",
                    ),
                ),
            ],
        ),
        migrations.RunSQL(TOPICS),
    ]
