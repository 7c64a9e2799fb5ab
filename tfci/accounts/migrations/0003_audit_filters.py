from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Beside a log that is being written: so outside of a transaction."""

    atomic = False

    dependencies = [
        ('accounts', '0002_people'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='auditentry',
            index=models.Index(fields=['team', '-id'], name='audit_by_team'),
        ),
        AddIndexConcurrently(
            model_name='auditentry',
            index=models.Index(fields=['team', 'who', '-id'], name='audit_by_who'),
        ),
        AddIndexConcurrently(
            model_name='auditentry',
            index=models.Index(fields=['team', 'what', '-id'], name='audit_by_what'),
        ),
        RemoveIndexConcurrently(
            model_name='auditentry',
            name='audit_of_a_team',
        ),
    ]
