"""A cashier may be replaced: its successor has its network, and reads the chain on from where it came to. `watched_at`: that
someone looks, whether there are new blocks or not."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0027_withdrawals")]

    operations = [
        migrations.AlterField(
            model_name="cashier",
            name="network",
            field=models.CharField(max_length=20, null=True, unique=True),
        ),
        migrations.AddField(
            model_name="cashier",
            name="successor",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="predecessors",
                to="billing.cashier",
            ),
        ),
        migrations.AddField(
            model_name="cashier", name="replaced_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddField(
            model_name="cashier", name="emptied_at", field=models.DateTimeField(null=True)
        ),
        migrations.AddField(
            model_name="cashier", name="watched_at", field=models.DateTimeField(null=True)
        ),
        migrations.AlterField(
            model_name="cashieract",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("opening", "deposit addresses"),
                    ("sweep", "collecting deposits"),
                    ("withdrawal", "withdrawal"),
                    ("handover", "handover to the new cashier"),
                ],
                max_length=12,
            ),
        ),
    ]
