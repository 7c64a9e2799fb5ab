from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


def of_jobs(name, *fields, **more):
    return AddIndexConcurrently("job", models.Index(fields=fields, name=name, **more))


class Migration(migrations.Migration):
    """Indexes are made while jobs go on."""

    atomic = False

    dependencies = [("runners", "0002_hints")]

    operations = [
        migrations.AddField("job", "title", models.CharField(blank=True, db_default="", max_length=300)),
        migrations.AddField("job", "described_at", models.DateTimeField(null=True)),
        migrations.AddField("job", "steps", models.JSONField(null=True)),
        of_jobs("jobs_of_a_repository", "team", "repository", "-id"),
        of_jobs("jobs_of_a_branch", "team", "branch", "-id"),
        of_jobs("jobs_of_an_org", "org", "-id", include=["team"]),
        of_jobs("jobs_of_a_pool", "pool", "-id", include=["team"]),
        of_jobs("jobs_by_time", "team", "heard_at"),
        of_jobs("open_jobs_of_a_team", "team", "-id", condition=~models.Q(state="completed")),
        of_jobs("jobs_to_describe", "org", "id", condition=models.Q(described_at=None)),
        AddIndexConcurrently(
            "vm",
            models.Index(
                fields=["team", "-id"],
                condition=~models.Q(done_cause__in=["", "exited"]) | models.Q(died_at__isnull=False),
                name="machines_that_failed",
            ),
        ),
        AddIndexConcurrently(
            "vm", models.Index(fields=["node", "-id"], include=["team"], name="machines_of_a_node")
        ),
        migrations.AlterField(  # the new ones begin with it too
            "job",
            "org",
            models.ForeignKey(
                db_index=False,
                on_delete=models.deletion.PROTECT,
                related_name="jobs",
                to="forges.linkedorg",
            ),
        ),
        migrations.AlterField(
            "job",
            "pool",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=models.deletion.PROTECT,
                related_name="jobs",
                to="runners.pool",
            ),
        ),
        migrations.AlterField(
            "vm",
            "node",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=models.deletion.PROTECT,
                related_name="vms",
                to="grid.node",
            ),
        ),
    ]
