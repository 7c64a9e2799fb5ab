from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Jobs whose machine is gone are ended at their forge."""

    atomic = False
    dependencies = [("runners", "0020_reasons")]

    operations = [
        migrations.AddField("job", "ending_next_at", models.DateTimeField(null=True)),
        migrations.AddField("job", "ending_asked_at", models.DateTimeField(null=True)),
        AddIndexConcurrently(
            "job",
            models.Index(
                fields=["ending_next_at"],
                condition=models.Q(ending_next_at__isnull=False),
                name="jobs_to_end",
            ),
        ),
    ]
