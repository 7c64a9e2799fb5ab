"""The cashier, deposit addresses, what moved there, and what was signed. A key of the ledger may be longer: it holds two
hashes. Widening a column of text rewrites no row."""

import billing.models.fields
import django.db.models.deletion
import tfci.core.vault
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0007_time_zone"),
        ("billing", "0023_ledger_of_a_repository"),
    ]

    operations = [
        migrations.CreateModel(
            name="Cashier",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("network", models.CharField(max_length=20, unique=True)),
                ("address", models.CharField(max_length=60)),
                ("mnemonic", tfci.core.vault.SealedField()),
                ("genesis", models.CharField(blank=True, max_length=70)),
                ("block_number", models.PositiveBigIntegerField(null=True)),
                ("block_hash", models.CharField(blank=True, max_length=70)),
                ("block_at", models.DateTimeField(null=True)),
                ("bridge_fee", billing.models.fields.TftField(null=True)),
                ("problem", models.CharField(blank=True, max_length=40)),
                ("problem_params", models.JSONField(null=True)),
            ],
        ),
        migrations.AlterField(
            model_name="ledgerentry",
            name="key",
            field=models.CharField(max_length=160, unique=True),
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
                ],
                max_length=10,
            ),
        ),
        migrations.CreateModel(
            name="DepositAddress",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("index", models.PositiveIntegerField()),
                ("address", models.CharField(max_length=60, unique=True)),
                ("twin_id", models.PositiveBigIntegerField(null=True)),
                ("last_swept_at", models.DateTimeField(null=True)),
                ("stopped_at", models.DateTimeField(null=True)),
                ("seen", models.JSONField(default=list)),
                (
                    "cashier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="addresses",
                        to="billing.cashier",
                    ),
                ),
                ("team", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="accounts.team")),
            ],
        ),
        migrations.CreateModel(
            name="ChainTransfer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=160, unique=True)),
                (
                    "role",
                    models.CharField(
                        choices=[
                            ("deposit", "Deposit"),
                            ("opening", "Opening"),
                            ("sweep", "Sweep"),
                            ("stray", "Stray"),
                            ("cashier", "Cashier"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("transfer", "Transfer"), ("mint", "Mint"), ("unnamed", "Unnamed")],
                        max_length=10,
                    ),
                ),
                ("source", models.CharField(blank=True, max_length=60)),
                ("target", models.CharField(max_length=60)),
                ("amount", billing.models.fields.TftField()),
                ("stellar_transaction", models.CharField(blank=True, max_length=100)),
                ("block_number", models.PositiveBigIntegerField()),
                ("at", models.DateTimeField()),
                ("booked_at", models.DateTimeField(null=True)),
                (
                    "address",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="transfers",
                        to="billing.depositaddress",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="CashierAct",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "purpose",
                    models.CharField(
                        choices=[
                            ("opening", "deposit addresses"),
                            ("sweep", "collecting deposits"),
                            ("withdrawal", "withdrawal"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("sent", "Sent, not final"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("expired", "Expired, not carried out"),
                            ("number_used", "Replaced by another program, not carried out"),
                        ],
                        default="sent",
                        max_length=12,
                    ),
                ),
                ("data", models.TextField()),
                ("hash", models.CharField(max_length=70, unique=True)),
                ("nonce", models.PositiveBigIntegerField()),
                ("born_at", models.PositiveBigIntegerField()),
                ("dies_at", models.PositiveBigIntegerField()),
                ("signed_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(null=True)),
                ("block_number", models.PositiveBigIntegerField(null=True)),
                ("fee", billing.models.fields.TftField(default=0)),
                ("failed_calls", models.PositiveIntegerField(default=0)),
                ("burn_id", models.PositiveBigIntegerField(null=True)),
                ("error", models.CharField(blank=True, max_length=200)),
                (
                    "cashier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="acts", to="billing.cashier"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state", "sent")),
                        fields=("cashier",),
                        name="one_living_act_a_cashier",
                    )
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="depositaddress",
            constraint=models.UniqueConstraint(fields=("cashier", "index"), name="one_address_an_index"),
        ),
        migrations.AddConstraint(
            model_name="depositaddress",
            constraint=models.UniqueConstraint(fields=("cashier", "team"), name="one_address_a_team"),
        ),
        migrations.AddIndex(
            model_name="chaintransfer",
            index=models.Index(fields=["address", "-id"], name="transfers_of_an_address"),
        ),
        migrations.AddIndex(
            model_name="chaintransfer",
            index=models.Index(
                condition=models.Q(("booked_at", None), ("role__in", ["deposit", "sweep"])),
                fields=["address"],
                name="unbooked_transfers",
            ),
        ),
    ]
