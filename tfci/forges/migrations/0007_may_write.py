"""Whether a link's token may change runs and files is kept with what else a check finds."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("forges", "0006_github_apps")]

    operations = [migrations.AddField("linkedorg", "may_write", models.BooleanField(null=True))]
