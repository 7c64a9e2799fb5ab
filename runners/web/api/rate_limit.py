"""How often a token may call."""

import structlog
from django.core.cache import cache
from django.utils import timezone
from ninja.throttling import BaseThrottle
from redis.exceptions import RedisError

from tfci.accounts.requests import TokenRequest

log = structlog.get_logger()
MINUTE = 60


class Pace(BaseThrottle):
    """At most `most` calls a minute for each token. While the shared cache is down, all pass."""

    def __init__(self, what: str, most: int) -> None:
        self.what, self.most = what, most

    def allow_request(self, request: TokenRequest) -> bool:  # type: ignore[override]  # behind Bearer
        minute = int(timezone.now().timestamp()) // MINUTE
        key = f"api:{self.what}:{request.auth.pk}:{minute}"
        try:
            cache.add(key, 0, timeout=2 * MINUTE)
            return cache.incr(key) <= self.most
        except RedisError as error:
            log.warning("api_not_paced", error=type(error).__name__)
            return True

    def wait(self) -> float:
        """Seconds until the next minute begins."""
        return MINUTE - timezone.now().timestamp() % MINUTE


OUTSIDE = Pace("outside", 20)  # calls that look at a forge, each of them several there
