"""Jobs that no label of ours addresses are not refused but not ours."""

from django.conf import settings
from django.db import migrations, models

from runners.jobs import labels

WHY = "none of its labels addresses a pool of this team, so it is left to other runners"


def set_apart(apps, schema_editor):
    """Of those that wait: what is over stays as it was told."""
    job, pool = apps.get_model("runners", "Job"), apps.get_model("runners", "Pool")
    refused = job.objects.filter(state="refused", pool=None)
    anchors: dict[int, list] = {}
    for team_id, own in pool.objects.filter(closed_at=None).values_list("team_id", "anchors"):
        anchors.setdefault(team_id, []).extend([own] if own else [])
    theirs = [
        pk
        for pk, team_id, asked in refused.values_list("pk", "team_id", "labels").iterator()
        if not labels.address(asked, anchors.get(team_id, []), settings.ANCHOR)
    ]
    for begin in range(0, len(theirs), 1000):
        some = job.objects.filter(pk__in=theirs[begin : begin + 1000])
        some.update(state="not_ours", ours=False, why=WHY)


class Migration(migrations.Migration):
    dependencies = [("runners", "0018_numbers_of_attempts")]

    operations = [
        migrations.AddField("job", "ours", models.BooleanField(default=True, db_default=True)),
        migrations.AlterField(
            "job",
            "state",
            models.CharField(
                choices=[
                    ("waiting", "held back by its forge"),
                    ("queued", "queued"),
                    ("refused", "refused"),
                    ("not_ours", "not ours"),
                    ("in_progress", "in progress"),
                    ("completed", "completed"),
                ],
                max_length=12,
            ),
        ),
        migrations.RunPython(set_apart, migrations.RunPython.noop, elidable=True),
    ]
