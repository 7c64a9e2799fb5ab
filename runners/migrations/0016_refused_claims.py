"""A VM's refused claims are told once."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runners", "0015_pressure")]
    operations = [migrations.AddField("vm", "claim_refused_at", models.DateTimeField(null=True))]
