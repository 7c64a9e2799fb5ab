"""A VM is called so in columns and in names of indexes too. Renames alone, but for the few rows of orphans."""

from django.db import migrations, models

INDEXES = {
    "machines_that_may_be_due": "vms_that_may_be_due",
    "machines_of_a_team": "vms_of_a_team",
    "machines_of_a_server": "vms_of_a_server",
    "machines_of_a_node": "vms_of_a_node",
    "machines_that_died": "vms_that_died",
}
ORPHANS = "UPDATE runners_orphan SET kind = 'vm' WHERE kind = 'machine'"


def renamed(model, old, constraint, statement):
    """A constraint under another name: one entry of the catalog."""
    return migrations.SeparateDatabaseAndState(
        [migrations.RunSQL(statement)],
        [migrations.RemoveConstraint(model, old), migrations.AddConstraint(model, constraint)],
    )


class Migration(migrations.Migration):
    dependencies = [("runners", "0028_sentences_of_vms_become_codes")]
    operations = [
        migrations.RenameField("pressure", "machines", "vms"),
        *(migrations.RenameIndex("vm", new_name=new, old_name=old) for old, new in INDEXES.items()),
        renamed(
            "pool",
            "a_pool_may_have_a_machine",
            models.CheckConstraint(condition=models.Q(max_vms__gte=1), name="a_pool_may_have_a_vm"),
            "ALTER TABLE runners_pool RENAME CONSTRAINT a_pool_may_have_a_machine TO a_pool_may_have_a_vm",
        ),
        renamed(
            "debugaccess",
            "one_person_in_a_machine",
            models.UniqueConstraint(
                fields=["vm"], condition=models.Q(closed_at=None), name="one_person_in_a_vm"
            ),
            "ALTER INDEX one_person_in_a_machine RENAME TO one_person_in_a_vm",
        ),
        migrations.RunSQL(ORPHANS),
        migrations.AlterField(  # what they are called in sentences
            "orphan",
            "kind",
            models.CharField(choices=[("runner", "runner without a VM"), ("vm", "VM without a row")], max_length=10),
        ),
        migrations.AlterField(
            "pool",
            "reuse",
            models.CharField(
                choices=[
                    ("never", "nobody's: each job gets a new VM"),
                    ("repository", "of the same repository"),
                    ("organisation", "of the same organisation"),
                ],
                db_default="never",
                default="never",
                max_length=12,
            ),
        ),
    ]
