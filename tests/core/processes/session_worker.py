"""A worker's app for test_worker_sessions.py: ours, with one more task."""

from django.conf import settings
from django.db import connection as database
from redis import Redis

from tfci.celery import app

ANSWERS = "sessions"  # a list in Valkey


@app.task(name="tests.session")
def session() -> None:
    """Tell which process of PostgreSQL serves this task, or what is wrong with it."""
    try:
        with database.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            answer = str(cursor.fetchone()[0])
    except Exception as error:
        answer = type(error).__name__
    with Redis.from_url(settings.VALKEY) as valkey:
        valkey.rpush(ANSWERS, answer)
