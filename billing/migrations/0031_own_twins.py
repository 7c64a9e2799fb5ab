"""A team's own twin: whose it is, and charges that take nothing of a balance."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

import billing.models.fields

NAMES = (
    r"^((team|grant|held|chain:deposit|chain:twin):[0-9]+|chain:cashier|chain:stash|in_flight|outside|own_twin|grid"
    r"|operator:(grants|fees|income|machines|discount|difference))$"
)
VM_TIME = ("operator:income", "grid")
NAMED = models.CheckConstraint(
    condition=models.Q(from_account__regex=NAMES, to_account__regex=NAMES), name="an_entry_names_accounts"
)
CHARGED = models.CheckConstraint(
    condition=models.Q(models.Q(("kind", "charge"), _negated=True))
    | models.Q(from_account__in=VM_TIME)
    | models.Q(to_account__in=VM_TIME),
    name="a_charge_is_for_vm_time",
)
SUMS = """
CREATE OR REPLACE FUNCTION billing_sum_repository() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO billing_repositoryspent AS sums (team_id, repository, at, amount)
    VALUES (NEW.team_id, lower(NEW.repository), date_bin('30 min', NEW.at, timestamptz '1970-01-01 00:00Z'),
        CASE WHEN NEW.to_account IN ('operator:income', 'grid') THEN NEW.moved ELSE -NEW.moved END)
    ON CONFLICT (team_id, repository, at) DO UPDATE SET amount = sums.amount + EXCLUDED.amount;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION billing_keep_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- the wallet first: all who move one team's TFT take turns there, so none locks the sums in another order
    UPDATE billing_wallet
    SET balance = balance + billing_change_of_team(NEW.team_id, NEW.from_account, NEW.to_account, NEW.moved)
    WHERE id = NEW.wallet_id;
    INSERT INTO billing_accountbalance AS kept (team_id, account, amount)
    VALUES (NEW.team_id, NEW.from_account, -NEW.moved), (NEW.team_id, NEW.to_account, NEW.moved)
    ON CONFLICT (team_id, account) DO UPDATE SET amount = kept.amount + EXCLUDED.amount;
    IF NEW.kind = 'charge' THEN
        INSERT INTO billing_spent AS sums (team_id, at, use, pool_id, pool, amount)
        VALUES (NEW.team_id, date_bin('30 min', NEW.at, timestamptz '1970-01-01 00:00Z'), NEW.use, NEW.pool_id,
            NEW.pool, CASE WHEN NEW.to_account IN ('operator:income', 'grid') THEN NEW.moved ELSE -NEW.moved END)
        ON CONFLICT (team_id, at, use, pool_id, pool) DO UPDATE SET amount = sums.amount + EXCLUDED.amount;
    END IF;
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("accounts", "0007_time_zone"), ("billing", "0030_repository_spent_before")]

    operations = [
        migrations.AddField(
            "twin",
            "team",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="own_twins",
                to="accounts.team",
            ),
        ),
        migrations.AddField("twin", "address", models.CharField(blank=True, db_default="", max_length=60)),
        migrations.AddField("twin", "removed_at", models.DateTimeField(null=True)),
        migrations.AddField("twin", "reserved", billing.models.fields.TftField(null=True)),
        migrations.AddConstraint(
            "twin",
            models.UniqueConstraint(
                condition=models.Q(("removed_at", None)),
                fields=("network", "team"),
                name="one_own_twin_a_team",
            ),
        ),
        migrations.AddField(
            "wallet",
            "own_twin",
            models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="own_wallet",
                to="billing.twin",
            ),
        ),
        migrations.RunSQL(SUMS),
        migrations.RemoveConstraint("ledgerentry", "an_entry_names_accounts"),
        AddConstraintNotValid("ledgerentry", NAMED),
        ValidateConstraint("ledgerentry", NAMED.name),
        AddConstraintNotValid("ledgerentry", CHARGED),
        ValidateConstraint("ledgerentry", CHARGED.name),
        migrations.RemoveConstraint("ledgerentry", "a_charge_is_income"),
    ]
