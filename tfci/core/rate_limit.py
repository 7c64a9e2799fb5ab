"""Calls of one caller, counted by the minute for all processes."""

from datetime import datetime

import structlog
from django.core.cache import cache
from redis.exceptions import RedisError

log = structlog.get_logger()
MINUTE = 60


def calls(name: str, caller: str | int, now: datetime) -> int:
    """How many came from this caller in this minute, this one counted; 0 while the shared cache is down, so that all
    pass."""
    key = f"calls:{name}:{caller}:{int(now.timestamp()) // MINUTE}"
    try:
        cache.add(key, 0, timeout=2 * MINUTE)
        return cache.incr(key)
    except RedisError as error:
        log.warning("calls_not_counted", name=name, error=type(error).__name__)
        return 0
