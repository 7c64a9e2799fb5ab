"""No discount was ever asked for. Its column goes with a later release."""

from django.db import migrations

KEEPS = "ALTER TABLE billing_quote ALTER COLUMN discount_percent SET DEFAULT 0"


class Migration(migrations.Migration):
    dependencies = [("billing", "0014_vm_time")]

    operations = [
        # Django knows it no more; a version that still does may write it.
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(KEEPS)], [migrations.RemoveField("quote", "discount_percent")]
        ),
    ]
