"""Signs of life of the processes and engines behind the pages."""

from django.core.cache import cache
from django.db import DatabaseError, connection
from redis.exceptions import RedisError


def postgres_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("select 1")
    except DatabaseError:
        return False
    return True


def valkey_answers() -> bool:
    try:
        cache.get("health")
    except RedisError:
        return False
    return True
