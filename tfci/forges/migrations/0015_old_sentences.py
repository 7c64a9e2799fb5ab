"""Sentences of before become reasons with the code `other`, and their text as it was."""

from django.db import migrations
from django.db.models import Q

BATCH = 500
SUBJECTS = {
    "App": "app",
    "Token": "token",
    "Repositories": "repositories",
    "Runner group": "runner_group",
    "Public repositories": "public_repositories",
    "Jobs": "jobs",
    "Runners": "runners",
    "Webhook": "webhook",
}


def forward(apps, schema_editor):
    rows = apps.get_model("forges", "Connection").objects
    left = rows.filter(~Q(trouble="", findings=[]), problems=[], check_findings=[]).order_by("pk")
    last = 0
    while batch := list(left.filter(pk__gt=last).only("trouble", "findings")[:BATCH]):
        last = batch[-1].pk
        for row in batch:
            problems = [_other(line) for line in row.trouble.splitlines() if line.strip()]
            findings = [_finding(*one) for one in row.findings]
            rows.filter(pk=row.pk).update(problems=problems, check_findings=findings)


def _finding(what, said, mend):
    text = f"{what}: {mend or said}"
    return {"subject": SUBJECTS.get(what, "connection"), **_other(text)}


def _other(text):
    return {"code": "other", "params": {"text": text}}


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("forges", "0014_problems")]

    operations = [migrations.RunPython(forward, migrations.RunPython.noop)]
