"""A pool may let running jobs end at a spending limit."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runners", "0031_plain_labels")]

    operations = [
        migrations.AddField(
            "pool", "end_jobs_at_limit", models.BooleanField(db_default=False, default=False)
        ),
    ]
