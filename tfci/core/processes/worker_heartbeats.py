"""Who works behind the pages, and what waits for them: told in Valkey, where nothing must last."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import methodcaller
from typing import TypeVar

from django.conf import settings
from redis import Redis, RedisError

KEY = "pulse"  # a hash: process -> when it last said so
SILENT = timedelta(seconds=15)
FORGOTTEN = timedelta(days=1)
T = TypeVar("T")
PATIENCE = 0.25  # seconds


class Silent(Exception):
    """Valkey does not answer; str() is a sentence for a person."""


@dataclass(frozen=True, slots=True)
class Process:
    name: str  # "act@host", "beat"
    at: datetime
    alive: bool


def record(name: str, now: datetime) -> None:
    """This process lives. Raises Silent."""
    _ask(lambda valkey: valkey.hset(KEY, name, now.isoformat()))


def living(now: datetime) -> list[Process]:
    """Those that spoke within a day, by name. Raises Silent."""
    spoke = {name: datetime.fromisoformat(at) for name, at in _spoke().items()}
    recent = {name: at for name, at in sorted(spoke.items()) if now - at < FORGOTTEN}
    return [Process(name, at, now - at < SILENT) for name, at in recent.items()]


def forget(now: datetime) -> None:
    """Those that have not spoken for a day: their host is gone. Raises Silent."""
    for name, at in _spoke().items():
        if now - datetime.fromisoformat(at) >= FORGOTTEN:
            _ask(methodcaller("hdel", KEY, name))


def lengths(queues: tuple[str, ...]) -> dict[str, int]:
    """Queue -> messages that nobody has taken; Celery keeps each queue as a list of its name. Raises Silent."""
    return {queue: _ask(methodcaller("llen", queue)) for queue in queues}


def version() -> str:
    """What answers there, like "Valkey 8.1.4". Raises Silent."""
    told = _ask(lambda valkey: valkey.info("server"))
    return (
        f"Valkey {told['valkey_version']}" if "valkey_version" in told else f"Redis {told['redis_version']}"
    )


def _spoke() -> dict[str, str]:
    return {
        bytes(name).decode(): bytes(at).decode() for name, at in _ask(methodcaller("hgetall", KEY)).items()
    }


def _ask(what: Callable[[Redis], T]) -> T:
    try:
        with Redis.from_url(
            settings.VALKEY, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE
        ) as valkey:
            return what(valkey)
    except RedisError as error:
        raise Silent(f"Valkey does not answer ({type(error).__name__}).") from error
