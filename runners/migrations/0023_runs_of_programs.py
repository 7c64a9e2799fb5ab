from django.db import migrations, models
import django.db.models.deletion


class Migration(migrations.Migration):
    """A stint is called a run, and a VM knows the image that it starts from."""

    dependencies = [("runners", "0022_reasons_of_more_rows")]

    operations = [
        migrations.RunSQL(
            "ALTER FUNCTION hint_stint RENAME TO hint_run;"
            "ALTER TRIGGER hint_stint_new ON runners_stint RENAME TO hint_run_new;"
            "ALTER TRIGGER hint_stint_changed ON runners_stint RENAME TO hint_run_changed;"
        ),
        migrations.RenameModel("Stint", "Run"),
        migrations.RenameField("run", "begun_at", "created_at"),
        migrations.RenameField("run", "answered_at", "last_answer_at"),
        migrations.RenameField("run", "done_at", "ended_at"),
        migrations.RenameField("run", "done_cause", "end_cause"),
        migrations.RenameField("run", "done_said", "end_message"),
        migrations.AlterField(
            "run",
            "vm",
            models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="runs", to="runners.vm"
            ),
        ),
        migrations.AddField("vm", "boot_image", models.CharField(max_length=500, blank=True, db_default="")),
    ]
