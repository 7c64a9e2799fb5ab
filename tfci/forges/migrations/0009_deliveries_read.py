"""When failed deliveries of a link's own webhook were last looked for."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("forges", "0008_authorities_and_groups")]
    operations = [migrations.AddField("linkedorg", "deliveries_read_at", models.DateTimeField(null=True))]
