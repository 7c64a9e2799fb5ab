"""A time says which event it is of."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("billing", "0012_grants_of_before")]
    operations = [migrations.RenameField("twin", "swept_at", "last_swept_at")]
