"""The address of whoever asked for a withdrawal, as it was then. Nobody knows it of requests before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0031_own_twins")]

    operations = [
        migrations.AddField(
            "withdrawal",
            "asked_as",
            models.CharField(blank=True, db_default="", default="", max_length=254),
        ),
    ]
