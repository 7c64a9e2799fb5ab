"""Jobs that wait at a Gitea get the number of their own attempt, not of the pickups before it."""

import re

from django.db import migrations
from django.db.models import F

WAIT = ["waiting", "queued", "refused"]
NUMBERS_ATTEMPTS = (1, 27)  # by itself, from this version on


def number_those_that_wait(apps, schema_editor):
    job, org = apps.get_model("runners", "Job"), apps.get_model("forges", "LinkedOrg")
    known = org.objects.filter(forge="gitea").values_list("pk", "version")
    counting = [pk for pk, version in known if _numbers(version) < NUMBERS_ATTEMPTS]
    job.objects.filter(org__in=counting, state__in=WAIT).update(forge_attempt=F("forge_attempt") + 1)


def _numbers(version):
    found = re.match(r"v?(\d+)\.(\d+)", version)
    return tuple(map(int, found.groups())) if found else ()


class Migration(migrations.Migration):
    dependencies = [("runners", "0017_retire_reason"), ("forges", "0010_scale_sets")]

    operations = [migrations.RunPython(number_those_that_wait, migrations.RunPython.noop)]
