"""Answers that many strangers ask for are worked out once a minute."""

from collections.abc import Callable
from typing import TypeVar, cast

import structlog
from django.core.cache import cache
from django.utils.translation import get_language
from redis.exceptions import RedisError

log = structlog.get_logger()
MINUTE = 60
T = TypeVar("T")


def cached(name: str, work_out: Callable[[], T]) -> T:
    """The answer of that name, at most a minute old; worked out anew each time while the shared cache is down."""
    try:
        return cast(T, cache.get_or_set(f"site:{get_language()}:{name}", work_out, MINUTE))
    except RedisError as error:
        log.warning("site_not_kept", name=name, error=type(error).__name__)
        return work_out()
