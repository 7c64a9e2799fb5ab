from django.db import migrations, models


class Migration(migrations.Migration):
    """What others took of our machines' processors there."""

    dependencies = [("grid", "0003_drains")]

    operations = [
        migrations.AddField("node", "steal", models.PositiveSmallIntegerField(null=True)),
        migrations.AddField("node", "steal_at", models.DateTimeField(null=True)),
    ]
