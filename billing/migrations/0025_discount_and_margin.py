"""What a price is made of: the discount of who pays, the operator's margin, and when the prices were read."""

from django.db import migrations, models

import billing.models.fields


class Migration(migrations.Migration):
    dependencies = [("billing", "0024_cashier")]

    operations = [
        migrations.AddField("price", "first_read_at", models.DateTimeField(null=True)),
        migrations.AddField("twin", "usable", billing.models.fields.TftField(null=True)),
        migrations.AddField("twin", "stash", billing.models.fields.TftField(null=True)),
        migrations.AddField("twin", "holdings_read_at", models.DateTimeField(null=True)),
        # 0015 hid its column and left it there, with this default.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddField(
                    "quote", "discount_percent", models.PositiveSmallIntegerField(db_default=0)
                )
            ]
        ),
        migrations.AddField("quote", "discount_to_team", models.PositiveSmallIntegerField(db_default=0)),
        migrations.AddField("quote", "margin_percent", models.PositiveSmallIntegerField(db_default=0)),
        migrations.AddField("quote", "prices_read_at", models.DateTimeField(null=True)),
    ]
