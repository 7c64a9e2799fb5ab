"""Sums of charges by the half hour, kept by a trigger: made before the old entries are summed, and charges wait for the
commit, so none is left out and none counts twice."""

import billing.models.fields
import django.db.models.deletion
from django.db import migrations, models

SUM = """
    SELECT team_id, date_bin('30 min', at, timestamptz '1970-01-01 00:00Z'), use, pool_id, pool, -amount
"""
TRIGGER = f"""
CREATE FUNCTION billing_sum_spent() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- as ledger.py does right after: who charges one wallet twice would else lock sums in any order
    PERFORM 1 FROM billing_wallet WHERE id = NEW.wallet_id FOR NO KEY UPDATE;
    INSERT INTO billing_spent AS sums (team_id, at, use, pool_id, pool, amount) {SUM} FROM (SELECT NEW.*) entry
    ON CONFLICT (team_id, at, use, pool_id, pool) DO UPDATE SET amount = sums.amount + EXCLUDED.amount;
    RETURN NULL;
END $$;
CREATE TRIGGER sum_spent AFTER INSERT ON billing_ledgerentry FOR EACH ROW
    WHEN (NEW.kind = 'charge') EXECUTE FUNCTION billing_sum_spent();
"""  # noqa: S608  no words of others
OLD = f"""
INSERT INTO billing_spent (team_id, at, use, pool_id, pool, amount)
SELECT team_id, at, use, pool_id, pool, sum(amount)
FROM ({SUM} FROM billing_ledgerentry WHERE kind = 'charge') AS each (team_id, at, use, pool_id, pool, amount)
GROUP BY 1, 2, 3, 4, 5;
"""  # noqa: S608


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_audit_filters"),
        ("billing", "0004_twin_swept_at"),
    ]

    operations = [
        migrations.CreateModel(
            name="Spent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField()),
                ("use", models.CharField(max_length=10)),
                ("pool_id", models.BigIntegerField(null=True)),
                ("pool", models.CharField(max_length=100)),
                ("amount", billing.models.fields.TftField()),
                ("team", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="accounts.team")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("team", "at", "use", "pool_id", "pool"),
                        name="one_sum_of_a_kind",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.RunSQL([TRIGGER, OLD]),
    ]
