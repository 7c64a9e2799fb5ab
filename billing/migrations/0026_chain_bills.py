"""What the chain billed, to compare it with what was charged."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import billing.models.fields


class Migration(migrations.Migration):
    dependencies = [("billing", "0025_discount_and_margin")]

    operations = [
        migrations.AddField("twin", "bills_from", models.DateTimeField(null=True)),
        migrations.AddField("twin", "bills_read_to", models.DateTimeField(null=True)),
        migrations.AddField("verification", "bills", models.JSONField(default=dict, db_default={})),
        migrations.CreateModel(
            name="ChainBill",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("contract_id", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("amount", billing.models.fields.TftField()),
                ("discount_percent", models.PositiveSmallIntegerField()),
                ("cu_price", models.PositiveIntegerField()),
                ("su_price", models.PositiveIntegerField()),
                ("certified_percent", models.PositiveSmallIntegerField()),
                ("lowest_musd", models.PositiveIntegerField()),
                ("highest_musd", models.PositiveIntegerField()),
                ("final", models.BooleanField()),
                ("read_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "twin",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bills",
                        to="billing.twin",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("final", True)),
                        fields=["twin", "contract_id"],
                        name="contracts_billed",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("twin", "contract_id", "at"), name="a_contract_is_billed_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("highest_musd__gte", models.F("lowest_musd")), ("lowest_musd__gte", 1)
                        ),
                        name="a_bill_has_a_price",
                    ),
                ],
            },
        ),
    ]
