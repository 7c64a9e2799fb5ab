"""What comes in at a team's deposit address is hinted at before it is booked: pages show what is not final yet."""

from django.db import migrations

HINTS = """
CREATE FUNCTION hint_deposit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO runners_hint (team_id, topics) VALUES (NEW.team_id, 'money');
    RETURN NULL;
END $$;
CREATE TRIGGER hint_deposit_new AFTER INSERT ON billing_depositaddress FOR EACH ROW EXECUTE FUNCTION hint_deposit();
CREATE TRIGGER hint_deposit_changed AFTER UPDATE ON billing_depositaddress FOR EACH ROW
    WHEN (ROW(OLD.twin_id, OLD.stopped_at, OLD.seen) IS DISTINCT FROM ROW(NEW.twin_id, NEW.stopped_at, NEW.seen))
    EXECUTE FUNCTION hint_deposit();
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0024_cashier"), ("runners", "0033_schedule")]

    operations = [migrations.RunSQL(HINTS)]
