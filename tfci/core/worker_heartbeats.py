"""Who works behind the pages, and what waits for them: told in Valkey, where nothing must last."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from redis import Redis, RedisError

KEY = "pulse"  # a hash: process -> when it last said so
SILENT = timedelta(seconds=15)
FORGOTTEN = timedelta(days=1)
PATIENCE = 0.25  # seconds


class Silent(Exception):
    """Valkey does not answer; str() is a sentence for a person."""


@dataclass(frozen=True, slots=True)
class Process:
    name: str  # "act@host", "beat"
    at: datetime
    alive: bool


def say(name: str, now: datetime) -> None:
    """This process lives. Raises Silent."""
    _ask(lambda valkey: valkey.hset(KEY, name, now.isoformat()))


def heard(now: datetime) -> list[Process]:
    """Those that spoke within a day, by name. Raises Silent."""
    told = _ask(lambda valkey: valkey.hgetall(KEY))
    spoke = {name.decode(): datetime.fromisoformat(at.decode()) for name, at in told.items()}
    recent = {name: at for name, at in sorted(spoke.items()) if now - at < FORGOTTEN}
    return [Process(name, at, now - at < SILENT) for name, at in recent.items()]


def forget(now: datetime) -> None:
    """Those that have not spoken for a day: their host is gone. Raises Silent."""
    told = _ask(lambda valkey: valkey.hgetall(KEY))
    for name, at in told.items():
        if now - datetime.fromisoformat(at.decode()) >= FORGOTTEN:
            _ask(lambda valkey, name=name: valkey.hdel(KEY, name))


def lengths(queues: tuple[str, ...]) -> dict[str, int]:
    """Queue -> messages that nobody has taken; Celery keeps each queue as a list of its name. Raises Silent."""
    return {queue: _ask(lambda valkey, queue=queue: valkey.llen(queue)) for queue in queues}


def version() -> str:
    """What answers there, like "Valkey 8.1.4". Raises Silent."""
    told = _ask(lambda valkey: valkey.info("server"))
    return (
        f"Valkey {told['valkey_version']}" if "valkey_version" in told else f"Redis {told['redis_version']}"
    )


def _ask(what):
    try:
        with Redis.from_url(
            settings.VALKEY, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE
        ) as valkey:
            return what(valkey)
    except RedisError as error:
        raise Silent(f"Valkey does not answer ({type(error).__name__}).") from error
