"""No entry is changed or removed, and each has two accounts. Old rows are checked while charges go on.

That it moves something holds for new entries: an installation without a starter grant may have one of 0 TFT.
"""

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

import billing.models.fields

NAMES = (
    r"^((team|grant|held|chain:deposit|chain:twin):[0-9]+|chain:cashier|chain:stash|in_flight|outside"
    r"|operator:(grants|fees|income|machines|discount|difference))$"
)
INCOME = "operator:income"
MOVES = models.CheckConstraint(condition=models.Q(moved__gt=0), name="an_entry_moves_something")
CHECKED = [
    models.CheckConstraint(
        condition=models.Q(("from_account", models.F("to_account")), _negated=True),
        name="an_entry_has_two_accounts",
    ),
    models.CheckConstraint(
        condition=models.Q(from_account__regex=NAMES, to_account__regex=NAMES), name="an_entry_names_accounts"
    ),
    models.CheckConstraint(
        condition=models.Q(models.Q(("kind", "charge"), _negated=True))
        | models.Q(from_account=INCOME)
        | models.Q(to_account=INCOME),
        name="a_charge_is_income",
    ),
]
# With a constraint that is valid already, PostgreSQL need not read the table while it is locked.
FILLED = "CHECK (from_account IS NOT NULL AND to_account IS NOT NULL AND moved IS NOT NULL)"
NOT_NULL = [
    f"ALTER TABLE billing_ledgerentry ADD CONSTRAINT filled {FILLED} NOT VALID",
    "ALTER TABLE billing_ledgerentry VALIDATE CONSTRAINT filled",
    "ALTER TABLE billing_ledgerentry ALTER from_account SET NOT NULL, ALTER to_account SET NOT NULL,"
    " ALTER moved SET NOT NULL, DROP CONSTRAINT filled",
]
STAY = """
CREATE FUNCTION billing_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'entries of the ledger stay as they are: correct one by writing another'
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER entries_stay BEFORE UPDATE OR DELETE ON billing_ledgerentry FOR EACH ROW
    EXECUTE FUNCTION billing_refuse_change();
CREATE TRIGGER ledger_stays BEFORE TRUNCATE ON billing_ledgerentry FOR EACH STATEMENT
    EXECUTE FUNCTION billing_refuse_change();
"""


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("billing", "0018_accounts_of_before")]

    operations = [
        *(AddConstraintNotValid("ledgerentry", constraint) for constraint in [MOVES, *CHECKED]),
        *(ValidateConstraint("ledgerentry", constraint.name) for constraint in CHECKED),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(NOT_NULL)],
            [
                migrations.AlterField("ledgerentry", "from_account", models.CharField(max_length=40)),
                migrations.AlterField("ledgerentry", "to_account", models.CharField(max_length=40)),
                migrations.AlterField("ledgerentry", "moved", billing.models.fields.TftField()),
            ],
        ),
        migrations.RunSQL(STAY),
    ]
