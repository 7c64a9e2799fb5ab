"""What checks of the ledger found."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0019_entries_stay")]

    operations = [
        migrations.CreateModel(
            name="Verification",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("seconds", models.FloatField()),
                ("entries", models.BigIntegerField()),
                ("differences", models.JSONField(default=list)),
            ],
            options={"indexes": [models.Index(fields=["-at"], name="newest_verification")]},
        ),
    ]
