"""What a team lets itself spend, and the alerts about it."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Lower

import billing.models.fields


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_time_zone"), ("billing", "0021_spend_rollup")]

    operations = [
        migrations.CreateModel(
            name="SpendingLimit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[("team", "team"), ("pool", "pool"), ("repository", "repository")],
                        max_length=10,
                    ),
                ),
                (
                    "period",
                    models.CharField(
                        choices=[("day", "day"), ("month", "month"), ("job", "job")], max_length=5
                    ),
                ),
                ("pool_id", models.BigIntegerField(null=True)),
                ("repository", models.CharField(blank=True, max_length=300)),
                ("amount", billing.models.fields.TftField()),
                ("stops", models.BooleanField(db_default=True, default=True)),
                ("created_at", models.DateTimeField()),
                (
                    "team",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="accounts.team"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        "team",
                        "scope",
                        "period",
                        "pool_id",
                        Lower("repository"),
                        name="one_spending_limit_of_a_kind",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount__gt", 0)), name="a_spending_limit_leaves_something"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("pool_id", None), ("repository", ""), ("scope", "team")),
                            models.Q(("pool_id__isnull", False), ("repository", ""), ("scope", "pool")),
                            models.Q(
                                models.Q(("repository", ""), _negated=True),
                                ("pool_id", None),
                                ("scope", "repository"),
                            ),
                            _connector="OR",
                        ),
                        name="a_spending_limit_has_one_target",
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="SpendingAlert",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("days_left", "days_left"),
                            ("limit", "limit"),
                            ("job_limit", "job_limit"),
                        ],
                        max_length=10,
                    ),
                ),
                ("threshold", models.PositiveSmallIntegerField()),
                ("episode", models.CharField(max_length=60)),
                ("value", billing.models.fields.TftField()),
                ("job_id", models.BigIntegerField(null=True)),
                ("crossed_at", models.DateTimeField()),
                ("mailed_at", models.DateTimeField(null=True)),
                ("holds", models.BooleanField(db_default=True, default=True)),
                (
                    "limit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="billing.spendinglimit",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="accounts.team"),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("mailed_at", None)),
                        fields=["crossed_at"],
                        name="alerts_to_mail",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("team", "kind", "limit", "episode", "threshold"),
                        name="one_alert_a_crossing",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
    ]
