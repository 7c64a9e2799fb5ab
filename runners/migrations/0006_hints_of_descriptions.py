"""What was read of a job's run (title, workflow, steps) is hinted too."""

from django.db import migrations

COLUMNS = (
    "state conclusion why pool_id size awaits_id vm_id foreign_runner offer_again_at"
    " queued_at decided_at started_at completed_at workflow title steps described_at"
)
AGAIN = """
DROP TRIGGER hint_job_changed ON runners_job;
CREATE TRIGGER hint_job_changed AFTER UPDATE ON runners_job FOR EACH ROW
    WHEN (ROW({old}) IS DISTINCT FROM ROW({new})) EXECUTE FUNCTION hint_job();
"""


def of(row: str) -> str:
    return ", ".join(f"{row}.{column}" for column in COLUMNS.split())


class Migration(migrations.Migration):
    dependencies = [("runners", "0005_decisions_of_a_pool")]
    operations = [migrations.RunSQL(AGAIN.format(old=of("OLD"), new=of("NEW")))]
