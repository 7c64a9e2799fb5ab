from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the index is made while deliveries come in

    dependencies = [("forges", "0002_links_of_all_levels")]

    operations = [
        migrations.AddField("delivery", "told", models.BinaryField(null=True)),
        AddIndexConcurrently(
            "delivery",
            models.Index(
                fields=["org", "id"], condition=models.Q(told__isnull=False), name="deliveries_to_take_in"
            ),
        ),
    ]
