"""What is wrong with a connection, and what its last check found, as codes. Pages show the first, so it is hinted."""

from django.db import migrations, models

COLUMNS = "name way problems checked_at last_webhook_at limited_until disconnecting_at disconnected_at".split()
CHANGED = """
DROP TRIGGER hint_connection_changed ON forges_connection;
CREATE TRIGGER hint_connection_changed AFTER UPDATE ON forges_connection FOR EACH ROW
    WHEN (ROW({old}) IS DISTINCT FROM ROW({new})) EXECUTE FUNCTION hint_connection();
""".format(**{row.lower(): ", ".join(f"{row}.{column}" for column in COLUMNS) for row in ("OLD", "NEW")})


class Migration(migrations.Migration):
    dependencies = [("forges", "0013_connections")]

    operations = [
        migrations.AddField("connection", "problems", models.JSONField(default=list, db_default=[])),
        migrations.AddField("connection", "check_findings", models.JSONField(default=list, db_default=[])),
        migrations.RunSQL(CHANGED),
    ]
