"""While charges go on."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Lower


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("billing", "0022_spending_limits")]

    operations = [
        AddIndexConcurrently(
            "ledgerentry",
            models.Index(
                fields=["team", "-id"],
                condition=models.Q(("kind__in", ["grant", "deposit"])),
                name="top_ups_of_a_team",
            ),
        ),
        AddIndexConcurrently(
            "ledgerentry",
            models.Index(
                "team",
                Lower("repository"),
                "at",
                condition=models.Q(models.Q(("repository", ""), _negated=True), ("kind", "charge")),
                include=("repository", "moved", "to_account"),
                name="ledger_of_a_repository",
            ),
        ),
    ]
