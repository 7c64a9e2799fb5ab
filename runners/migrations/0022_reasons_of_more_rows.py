from django.db import migrations, models


def _code():
    return models.CharField(blank=True, default="", db_default="", max_length=40)


class Migration(migrations.Migration):
    dependencies = [("runners", "0021_jobs_to_end")]

    operations = [
        *(migrations.AddField(model, "reason", _code()) for model in ("event", "pool", "server", "vm")),
        *(
            migrations.AddField(model, "reason_params", models.JSONField(null=True))
            for model in ("event", "pool", "server", "vm")
        ),
        migrations.AlterField("job", "reason", _code()),  # Django alone knows of a default
    ]
