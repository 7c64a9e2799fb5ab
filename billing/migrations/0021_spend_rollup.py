"""The roll-up of charges behind the spend pages. A task fills it, old entries first; pages are right meanwhile."""

import django.db.models.deletion
from django.db import migrations, models

import billing.models.fields

USES = ["job", "boot", "idle", "teardown", "refresh", "debug", "server"]
ID = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")
CASCADE = django.db.models.deletion.CASCADE


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_actions"), ("billing", "0020_verifications")]

    operations = [
        migrations.CreateModel(
            name="SpendDimensions",
            fields=[
                ("id", ID),
                ("pool_id", models.BigIntegerField(null=True)),
                ("connection_id", models.BigIntegerField(null=True)),
                ("repository", models.CharField(max_length=300)),
                ("workflow", models.CharField(max_length=300)),
                ("size", models.CharField(max_length=60)),
                ("person", models.CharField(max_length=200)),
                ("digest", models.CharField(max_length=32)),
                ("team", models.ForeignKey(on_delete=CASCADE, to="accounts.team")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("team", "digest"), name="one_row_a_combination_of_a_team"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SpendBucket",
            fields=[
                ("id", ID),
                ("at", models.DateTimeField()),
                ("node", models.BigIntegerField(null=True)),
                *((use, billing.models.fields.TftField()) for use in USES),
                (
                    "dimensions",
                    models.ForeignKey(db_index=False, on_delete=CASCADE, to="billing.spenddimensions"),
                ),
                ("team", models.ForeignKey(db_index=False, on_delete=CASCADE, to="accounts.team")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("team", "at", "dimensions", "node"),
                        include=USES,
                        name="one_bucket_of_a_kind",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SpendCursor",
            fields=[
                (
                    "team",
                    models.OneToOneField(
                        on_delete=CASCADE, primary_key=True, serialize=False, to="accounts.team"
                    ),
                ),
                ("entry_id", models.BigIntegerField(default=0)),
            ],
        ),
    ]
