from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """While charges go on."""

    atomic = False

    dependencies = [("billing", "0009_balance_warnings")]

    operations = [
        AddIndexConcurrently(
            "ledgerentry",
            models.Index(
                "team",
                models.OrderBy(models.F("job_id"), descending=True, nulls_last=True),
                "at",
                name="ledger_jobs_of_a_team",
            ),
        ),
    ]
