"""Each team has a time zone of its own; UTC until somebody chooses one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_actions")]

    operations = [
        migrations.AddField(
            "team", "time_zone", models.CharField(db_default="UTC", default="UTC", max_length=50)
        ),
    ]
