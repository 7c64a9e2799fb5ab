"""TFT that teams take out, and the acts of the cashier that pay them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import billing.models.fields


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_time_zone"),
        ("billing", "0026_chain_bills"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="cashier",
            name="compared_number",
            field=models.PositiveBigIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name="ledgerentry",
            name="kind",
            field=models.CharField(
                choices=[
                    ("grant", "starter grant"),
                    ("deposit", "deposit"),
                    ("charge", "VM time"),
                    ("sweep", "sweep to the cashier"),
                    ("withdrawal", "withdrawal"),
                ],
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="Withdrawal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "route",
                    models.CharField(choices=[("tfchain", "TFChain"), ("stellar", "Stellar")], max_length=10),
                ),
                ("address", models.CharField(max_length=64)),
                ("amount", billing.models.fields.TftField()),
                ("highest_fee", billing.models.fields.TftField()),
                ("bridge_fee", billing.models.fields.TftField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "Not confirmed"),
                            ("waiting", "Waiting"),
                            ("held", "Set aside"),
                            ("in_flight", "Being sent"),
                            ("paid", "Paid"),
                            ("returned", "Returned"),
                            ("stopped", "Stopped"),
                            ("expired", "Expired"),
                            ("failed", "Failed"),
                        ],
                        default="requested",
                        max_length=10,
                    ),
                ),
                ("reason", models.CharField(blank=True, db_default="", default="", max_length=40)),
                ("reason_params", models.JSONField(null=True)),
                ("asked_at", models.DateTimeField()),
                ("deadline_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("mailed_state", models.CharField(blank=True, db_default="", default="", max_length=10)),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("team", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="accounts.team")),
            ],
        ),
        migrations.AddField(
            model_name="cashieract",
            name="withdrawal",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="acts",
                to="billing.withdrawal",
            ),
        ),
        migrations.AddIndex(
            model_name="withdrawal",
            index=models.Index(fields=["team", "-id"], name="withdrawals_of_a_team"),
        ),
        migrations.AddConstraint(
            model_name="withdrawal",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state__in", ["requested", "waiting", "held", "in_flight"])),
                fields=("team",),
                name="one_open_withdrawal_a_team",
            ),
        ),
        migrations.AddConstraint(
            model_name="withdrawal",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gt", 0), ("bridge_fee__gte", 0), ("highest_fee__gte", 0)),
                name="a_withdrawal_has_an_amount",
            ),
        ),
    ]
