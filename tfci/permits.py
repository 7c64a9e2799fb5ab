"""Permits for calls outside: how many one team, one host and all of them may have open in this process.

A call holds a thread until it is answered, and a process has few. Whoever gets no permit learns at once which limit is
reached, and leaves: no thread waits for one. Permits are kept in memory, so they need no Valkey and end with their
process. docs/decisions/slow-forges.md says why.
"""

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum

SLOW = 1.0  # seconds; a host that takes longer for one exchange is slow until it has one that does not
REMEMBERED = 1000  # slow hosts; beyond that the oldest is forgotten


class Full(StrEnum):
    """The limit that is reached."""

    TEAM = "team"
    HOST = "host"
    SLOW = "slow"
    ALL = "all"


class NoPermit(Exception):
    """As many calls are open as `full` allows: `limit`."""

    def __init__(self, full: Full, limit: int) -> None:
        super().__init__(f"{full}: {limit}")
        self.full, self.limit = full, limit


@dataclass(frozen=True, slots=True)
class Limits:
    """Calls of one process that may be open at one time."""

    all: int
    team: int
    slow: int  # to all slow hosts together
    slow_host: int  # to one of them
    seconds: float  # that one call may take, with all its exchanges


class Hosts:
    """How quickly hosts answer, as the exchanges of this process show it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._open: dict[str, list[float]] = {}  # host -> when each of its exchanges began
        self._slow: dict[str, None] = {}  # in the order in which they became so

    @contextmanager
    def exchange(self, host: str) -> Iterator[None]:
        """Around one request and its answer, whatever comes of it."""
        began = self._clock()
        with self._lock:
            self._open.setdefault(host, []).append(began)
        try:
            yield
        finally:
            with self._lock:
                self._note(host, began)

    def _note(self, host: str, began: float) -> None:
        self._open[host].remove(began)
        if not self._open[host]:
            del self._open[host]
        self._slow.pop(host, None)
        if self._clock() - began > SLOW:
            self._slow[host] = None
        if len(self._slow) > REMEMBERED:
            del self._slow[next(iter(self._slow))]

    def is_slow(self, host: str) -> bool:
        """Whether its newest exchange was slow, or one that is open has been for too long."""
        with self._lock:
            waits = any(self._clock() - began > SLOW for began in self._open.get(host, ()))
            return waits or host in self._slow


@dataclass(frozen=True, slots=True)
class _Call:
    """The one that a thread is in."""

    host: str
    hosts: Hosts
    until: float


_call: ContextVar[_Call | None] = ContextVar("call", default=None)
_waits: ContextVar[bool] = ContextVar("waits", default=False)


class Permits:
    """Those of one process."""

    def __init__(self, limits: Limits, hosts: Hosts | None = None) -> None:
        self.limits = limits
        self._hosts = hosts or Hosts()
        self._lock = threading.Lock()
        self._open: Counter[tuple[str, str]] = Counter()  # (team, host)

    @contextmanager
    def call(self, team: str, host: str) -> Iterator[None]:
        """Around one call, which may be several exchanges with the host. Raises NoPermit."""
        with self._lock:
            self._refuse_full(team, host)
            self._open[team, host] += 1
        context = _call.set(_Call(host, self._hosts, time.monotonic() + self.limits.seconds))
        try:
            yield
        finally:
            _call.reset(context)
            with self._lock:
                self._open -= Counter([(team, host)])  # and drops what is at zero

    def _refuse_full(self, team: str, host: str) -> None:
        limits = self.limits
        reached = {}
        if self._hosts.is_slow(host):
            reached = {
                Full.HOST: (self._count(lambda _, one: one == host), limits.slow_host),
                Full.SLOW: (self._count(lambda _, one: self._hosts.is_slow(one)), limits.slow),
            }
        reached |= {
            Full.TEAM: (self._count(lambda one, _: one == team), limits.team),
            Full.ALL: (self._open.total(), limits.all),
        }
        for full, (count, limit) in reached.items():
            if count >= limit - _waits.get():
                raise NoPermit(full, limit)

    def _count(self, matches: Callable[[str, str], bool]) -> int:
        return sum(count for (team, host), count in self._open.items() if matches(team, host))


@contextmanager
def leave_one() -> Iterator[None]:
    """Around what can wait: its calls leave one permit below each limit to what can't."""
    before = _waits.set(True)
    try:
        yield
    finally:
        _waits.reset(before)


def deadline() -> float:
    """When the call that this thread is in must have ended, as time.monotonic counts; never, outside of one."""
    current = _call.get()
    return current.until if current else math.inf


@contextmanager
def exchange() -> Iterator[None]:
    """Around one request of the call that this thread is in, so that a slow host is known for it."""
    current = _call.get()
    if current is None:
        yield
    else:
        with current.hosts.exchange(current.host):
            yield
