"""What statements need of a team: the time zones of its months, and for whom they are.

Teams of before counted in UTC, whatever they chose since: their months keep it until they change their time zone.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_time_zone")]

    operations = [
        migrations.AddField("team", "month_zones", models.JSONField(db_default={}, default=dict)),
        migrations.AddField(
            "team",
            "billing_details",
            models.TextField(blank=True, db_default="", default="", max_length=500),
        ),
    ]
