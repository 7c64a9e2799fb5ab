"""Who had the grant before it was given by person: the founders of teams that have it, by the audit log."""

from django.db import migrations

from tfci.accounts.email_identity import fingerprint


def note_founders(apps, schema_editor):
    entries = apps.get_model("billing", "LedgerEntry").objects.filter(kind="grant")
    grants = apps.get_model("billing", "StarterGrant").objects
    users = apps.get_model("accounts", "User").objects
    founders = apps.get_model("accounts", "AuditEntry").objects.filter(what="team.found", team__isnull=False)
    founder_of = dict(founders.order_by("-pk").values_list("team", "who"))
    for team, amount, at in entries.order_by("pk").values_list("team", "amount", "at").iterator():
        email = founder_of.get(team, "")
        if "@" not in email:
            continue
        address, person = fingerprint(email), users.filter(email=email.lower()).first()
        had = grants.filter(address=address).exists() or (person and grants.filter(person=person).exists())
        if not had:
            grants.create(person=person, address=address, team_id=team, amount=amount, at=at)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_ssh_keys"), ("billing", "0011_starter_grants")]

    operations = [migrations.RunPython(note_founders, migrations.RunPython.noop, elidable=True)]
