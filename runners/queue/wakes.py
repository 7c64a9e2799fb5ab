"""Wake agents that wait for an order: whichever process holds their calls open (live/pg_listener.py)."""

from django.db import connection as database

CHANNEL = "agents"


def wake_agent(vm_id: int) -> None:
    """Let the process in which this VM's agent waits look for its order at once."""
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, str(vm_id)])
