"""What each repository was charged in half an hour, kept by the database. Old charges are added in 0030."""

import django.db.models.deletion
from django.db import migrations, models

import billing.models.fields

# After billing_keep_balances, which takes the wallet first: triggers fire in the order of their names.
SUM = """
CREATE FUNCTION billing_sum_repository() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO billing_repositoryspent AS sums (team_id, repository, at, amount)
    VALUES (NEW.team_id, lower(NEW.repository), date_bin('30 min', NEW.at, timestamptz '1970-01-01 00:00Z'),
        CASE WHEN NEW.to_account = 'operator:income' THEN NEW.moved ELSE -NEW.moved END)
    ON CONFLICT (team_id, repository, at) DO UPDATE SET amount = sums.amount + EXCLUDED.amount;
    RETURN NULL;
END $$;
CREATE TRIGGER sum_repository AFTER INSERT ON billing_ledgerentry FOR EACH ROW
    WHEN (NEW.kind = 'charge' AND NEW.repository <> '') EXECUTE FUNCTION billing_sum_repository();
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_actions"), ("billing", "0028_cashier_replaced")]

    operations = [
        migrations.CreateModel(
            name="RepositorySpent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("repository", models.CharField(max_length=300)),
                ("at", models.DateTimeField()),
                ("amount", billing.models.fields.TftField()),
                (
                    "team",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="accounts.team"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("team", "repository", "at"),
                        include=("amount",),
                        name="one_sum_of_a_repository",
                    )
                ],
            },
        ),
        migrations.RunSQL([SUM]),
    ]
