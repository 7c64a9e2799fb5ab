"""Which twin a VM runs on: its team's own, or as before the one of its wallet."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0031_own_twins"), ("runners", "0034_hints_of_deposits")]

    operations = [
        migrations.AddField(
            "vm",
            "own_twin",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="billing.twin",
            ),
        ),
        # The hint topics of 0034, for pages that show an own twin.
        migrations.RunSQL(
            """
            CREATE FUNCTION hint_own_twin() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                INSERT INTO runners_hint (team_id, topics) VALUES (NEW.team_id, 'money');
                RETURN NULL;
            END $$;
            CREATE TRIGGER hint_own_twin AFTER UPDATE ON billing_twin FOR EACH ROW
                WHEN (NEW.team_id IS NOT NULL AND ROW(OLD.usable, OLD.stash, OLD.reserved, OLD.problem)
                    IS DISTINCT FROM ROW(NEW.usable, NEW.stash, NEW.reserved, NEW.problem))
                EXECUTE FUNCTION hint_own_twin();
            """
        ),
    ]
