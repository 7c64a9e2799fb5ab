from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

USES = ["job", "boot", "idle", "teardown", "refresh", "debug", "server"]
CHARGE_HAS_ONE = models.Q(kind="charge", use__in=USES) | models.Q(
    models.Q(kind="charge", _negated=True), use=""
)


class Migration(migrations.Migration):
    """Old rows have theirs already. They are checked while charges go on."""

    atomic = False

    dependencies = [("billing", "0006_ledger_pages")]

    operations = [
        migrations.AlterField(
            "ledgerentry",
            "use",
            models.CharField(blank=True, max_length=10, choices=[(use, use) for use in USES]),
        ),
        AddConstraintNotValid(
            "ledgerentry", models.CheckConstraint(condition=CHARGE_HAS_ONE, name="a_charge_has_a_use")
        ),
        ValidateConstraint("ledgerentry", "a_charge_has_a_use"),
    ]
