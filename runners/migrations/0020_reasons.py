from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("runners", "0019_not_ours")]

    operations = [
        migrations.AddField("job", "reason", models.CharField(blank=True, db_default="", max_length=40)),
        migrations.AddField("job", "reason_params", models.JSONField(null=True)),
        migrations.AddField("vm", "retry_at", models.DateTimeField(null=True)),
        AddIndexConcurrently(
            "job",
            models.Index(
                fields=["team", "queued_at"],
                condition=models.Q(state="queued", reason="no_node_now"),
                name="jobs_that_lack_a_node",
            ),
        ),
        AddIndexConcurrently(
            "job",
            models.Index(
                fields=["pool"],
                condition=models.Q(("state", "refused"), models.Q(("reason", ""), _negated=True)),
                name="jobs_that_no_node_fits",
            ),
        ),
    ]
