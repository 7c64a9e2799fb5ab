"""What a runner must be made with to get a job, beside its labels: some forges say it of each job."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runners", "0007_ends_of_runners")]

    operations = [
        migrations.AddField("job", "handle", models.TextField(blank=True, db_default="")),
    ]
