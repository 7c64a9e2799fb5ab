"""The processes behind the pages, and their queues: recorded in Valkey, where nothing must last."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import methodcaller
from typing import TypeVar

from django.conf import settings
from redis import Redis, RedisError

KEY = "pulse"  # a hash: process -> its last heartbeat
ALIVE = timedelta(seconds=15)
EXPIRES = timedelta(days=1)
T = TypeVar("T")
TIMEOUT = 0.25  # seconds


class ValkeyDown(Exception):
    """Valkey does not answer; str() is a sentence for a person."""


@dataclass(frozen=True, slots=True)
class Process:
    name: str  # "act@host", "beat"
    at: datetime
    alive: bool


def record(name: str, now: datetime) -> None:
    """Record that this process is alive. Raises ValkeyDown."""
    _call(lambda valkey: valkey.hset(KEY, name, now.isoformat()))


def living(now: datetime) -> list[Process]:
    """Those with a heartbeat within a day, by name. Raises ValkeyDown."""
    heartbeats = {name: datetime.fromisoformat(at) for name, at in _heartbeats().items()}
    recent = {name: at for name, at in sorted(heartbeats.items()) if now - at < EXPIRES}
    return [Process(name, at, now - at < ALIVE) for name, at in recent.items()]


def remove_old(now: datetime) -> None:
    """Remove processes without a heartbeat for a day: their host is gone. Raises ValkeyDown."""
    for name, at in _heartbeats().items():
        if now - datetime.fromisoformat(at) >= EXPIRES:
            _call(methodcaller("hdel", KEY, name))


def lengths(queues: tuple[str, ...]) -> dict[str, int]:
    """Queue -> messages that nobody has taken; Celery keeps each queue as a list of its name. Raises ValkeyDown."""
    return {queue: _call(methodcaller("llen", queue)) for queue in queues}


def version() -> str:
    """The server's name and version, like "Valkey 8.1.4". Raises ValkeyDown."""
    info = _call(lambda valkey: valkey.info("server"))
    return (
        f"Valkey {info['valkey_version']}" if "valkey_version" in info else f"Redis {info['redis_version']}"
    )


def _heartbeats() -> dict[str, str]:
    return {
        bytes(name).decode(): bytes(at).decode() for name, at in _call(methodcaller("hgetall", KEY)).items()
    }


def _call(command: Callable[[Redis], T]) -> T:
    try:
        with Redis.from_url(
            settings.VALKEY, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT
        ) as valkey:
            return command(valkey)
    except RedisError as error:
        raise ValkeyDown(f"Valkey does not answer ({type(error).__name__}).") from error
