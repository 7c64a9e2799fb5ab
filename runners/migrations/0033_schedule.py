"""A pool can keep other numbers of VMs ready by weekday and hour."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runners", "0032_end_jobs_at_limit")]

    operations = [
        migrations.AddField("pool", "schedule", models.JSONField(blank=True, db_default=[], default=list))
    ]
