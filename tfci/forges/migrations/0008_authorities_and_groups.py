"""A private certificate authority of a forge, and the group of a link's runners."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("forges", "0007_may_write")]
    operations = [
        migrations.AddField("linkedorg", "authority", models.TextField(blank=True, db_default="")),
        migrations.AddField(
            "linkedorg", "runner_group", models.CharField(blank=True, db_default="", max_length=100)
        ),
        migrations.AddField("githubapp", "authority", models.TextField(blank=True, db_default="")),
    ]
