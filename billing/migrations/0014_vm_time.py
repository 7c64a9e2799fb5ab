"""What a charge is for, in other words."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0013_last_swept")]
    operations = [
        migrations.AlterField(
            "ledgerentry",
            "kind",
            models.CharField(
                choices=[("grant", "starter grant"), ("deposit", "deposit"), ("charge", "VM time")],
                max_length=10,
            ),
        )
    ]
