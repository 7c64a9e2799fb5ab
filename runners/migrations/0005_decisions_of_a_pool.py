from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Made while events are written."""

    atomic = False

    dependencies = [("runners", "0004_missed_and_orphans")]

    operations = [
        AddIndexConcurrently(
            "event",
            models.Index(
                fields=["pool", "-id"],
                condition=models.Q(pool__isnull=False, vm=None, job=None),
                name="decisions_of_a_pool",
            ),
        ),
    ]
