"""What was done with a link is done with a connection now. A team has few such entries: one statement."""

from django.db import migrations

ACTIONS = """
UPDATE accounts_auditentry
    SET what = 'connections.change', why = CASE why WHEN 'unlinked' THEN 'disconnected' ELSE why END
    WHERE what = 'orgs.link'
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_ssh_keys")]
    operations = [migrations.RunSQL(ACTIONS)]
