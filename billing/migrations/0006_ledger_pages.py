from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """While charges go on."""

    atomic = False

    dependencies = [("billing", "0005_spent")]

    operations = [
        AddIndexConcurrently(
            "ledgerentry", models.Index(fields=["team", "-id"], name="ledger_pages_of_a_team")
        ),
    ]
