"""The memory of clients in Valkey, for all processes: unchanged answers, and counts of calls."""

from contextlib import suppress

from django.core.cache import cache
from redis.exceptions import RedisError


class SharedMemory:
    """Implements the port `Memory` for one credential. Without Valkey it is empty."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def get(self, *keys: str) -> list[bytes | int | None]:
        try:
            known = cache.get_many([self._key(key) for key in keys])
        except RedisError:
            known = {}
        return [known.get(self._key(key)) for key in keys]

    def put(self, key: str, value: bytes | int, seconds: float) -> None:
        with suppress(RedisError):
            cache.set(self._key(key), value, timeout=seconds)

    def add(self, key: str, count: int, seconds: float) -> None:
        with suppress(RedisError, ValueError):  # it ended just now
            cache.add(self._key(key), 0, timeout=seconds)
            cache.incr(self._key(key), count)

    def _key(self, key: str) -> str:
        return f"{self._prefix}:{key}"
