"""Each entry moves an amount from one account to another, and the database keeps what each account holds.

Entries of before get their accounts in 0018. Those that are written from here on have them at once: a version before
this one writes `amount` alone, and moves its wallet itself. See docs/decisions/ledger-accounts.md.
"""

import django.db.models.deletion
from django.db import migrations, models

import billing.models.fields

ACCOUNTS = """
CREATE FUNCTION billing_accounts_of_before(kind text, amount bigint, own text, OUT source text, OUT target text)
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN amount < 0 THEN own ELSE other END, CASE WHEN amount < 0 THEN other ELSE own END
    FROM (SELECT CASE kind WHEN 'grant' THEN 'operator:grants' WHEN 'charge' THEN 'operator:income' ELSE 'outside' END)
        AS side (other)
$$;
"""
# The next release drops this trigger, its function and the one above, and billing_ledgerentry.amount.
VERSION_BEFORE = """
CREATE FUNCTION billing_serve_version_before() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.from_account IS NULL THEN
        SELECT source, target INTO NEW.from_account, NEW.to_account
        FROM billing_accounts_of_before(NEW.kind, NEW.amount, 'team:' || NEW.team_id);
        NEW.moved := abs(NEW.amount);
        UPDATE billing_wallet SET balance = balance - NEW.amount WHERE id = NEW.wallet_id;  -- it adds it again
    ELSE
        NEW.amount := billing_change_of_team(NEW.team_id, NEW.from_account, NEW.to_account, NEW.moved);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER serve_version_before BEFORE INSERT ON billing_ledgerentry FOR EACH ROW
    EXECUTE FUNCTION billing_serve_version_before();
"""
BALANCES = """
CREATE FUNCTION billing_change_of_team(team bigint, source text, target text, moved bigint) RETURNS bigint
LANGUAGE sql IMMUTABLE AS $$
    SELECT moved * ((target IN ('team:' || team, 'grant:' || team))::int
        - (source IN ('team:' || team, 'grant:' || team))::int)
$$;
CREATE FUNCTION billing_keep_balances() RETURNS trigger LANGUAGE plpgsql AS $$
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
            NEW.pool, CASE WHEN NEW.to_account = 'operator:income' THEN NEW.moved ELSE -NEW.moved END)
        ON CONFLICT (team_id, at, use, pool_id, pool) DO UPDATE SET amount = sums.amount + EXCLUDED.amount;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER keep_balances AFTER INSERT ON billing_ledgerentry FOR EACH ROW
    EXECUTE FUNCTION billing_keep_balances();
DROP TRIGGER sum_spent ON billing_ledgerentry;
DROP FUNCTION billing_sum_spent();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_actions"),
        ("billing", "0016_problems_of_twins"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccountBalance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("account", models.CharField(max_length=40)),
                ("amount", billing.models.fields.TftField()),
                (
                    "team",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to="accounts.team"),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("team", "account"), name="one_balance_an_account_and_team"
                    )
                ],
            },
        ),
        migrations.AddField("ledgerentry", "from_account", models.CharField(max_length=40, null=True)),
        migrations.AddField("ledgerentry", "to_account", models.CharField(max_length=40, null=True)),
        migrations.AddField("ledgerentry", "moved", billing.models.fields.TftField(null=True)),
        migrations.RunSQL([ACCOUNTS, BALANCES, VERSION_BEFORE]),
        migrations.SeparateDatabaseAndState([], [migrations.RemoveField("ledgerentry", "amount")]),
    ]
