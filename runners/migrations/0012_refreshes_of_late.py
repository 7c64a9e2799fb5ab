from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Made while machines reboot."""

    atomic = False

    dependencies = [("runners", "0011_loads")]

    operations = [
        AddIndexConcurrently("refresh", models.Index(fields=["claimed_at"], name="refreshes_of_late")),
    ]
