"""When a person's sign-in and their role in a team last changed. Nobody knows it of changes before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_statements")]

    operations = [
        migrations.AddField("user", "sign_in_changed_at", models.DateTimeField(null=True)),
        migrations.AddField("membership", "role_changed_at", models.DateTimeField(null=True)),
    ]
