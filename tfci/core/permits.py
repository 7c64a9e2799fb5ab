"""Permits for calls outside: how many one team, one host and all of them may have open in this process; and places, how
many threads may be in tasks that can wait.

A call holds a thread until it is answered, and a process has few. A caller without a permit gets NoPermit with the
reached limit at once: no thread waits for one. Permits are kept in memory, so they need no Valkey and end with their
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
LONG = 5.0  # seconds; a team that has a place for longer is slow
SLOW_FOR = 600.0  # seconds after that


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
class CallLimits:
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
_until: ContextVar[float] = ContextVar("until", default=math.inf)  # for all calls of a task


class Permits:
    """Those of one process."""

    def __init__(self, limits: CallLimits, hosts: Hosts | None = None) -> None:
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
        context = _call.set(
            _Call(host, self._hosts, min(time.monotonic() + self.limits.seconds, _until.get()))
        )
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


@dataclass(frozen=True, slots=True)
class Shares:
    """Places of one process that may be held at one time."""

    all: int
    team: int
    slow: int  # by all slow teams together


class Places:
    """Threads that are in tasks which can wait. What a task does between its calls holds its thread too, so this is
    measured from its start to its end, and remembered: a quick task does not make up for a long one."""

    def __init__(self, shares: Shares, clock: Callable[[], float] = time.monotonic) -> None:
        self.shares = shares
        self._clock = clock
        self._lock = threading.Lock()
        self._held: dict[str, list[float]] = {}  # team -> when each of its places was taken
        self._slow_until: dict[str, float] = {}

    @contextmanager
    def hold(self, team: str) -> Iterator[None]:
        """Around one task. Raises NoPermit."""
        began = self._clock()
        with self._lock:
            self._refuse_full(team)
            self._held.setdefault(team, []).append(began)
        try:
            yield
        finally:
            with self._lock:
                self._release(team, began)

    def _refuse_full(self, team: str) -> None:
        shares, counts = self.shares, {name: len(held) for name, held in self._held.items()}
        reached = {
            Full.TEAM: (counts.get(team, 0), shares.team),
            Full.ALL: (sum(counts.values()), shares.all),
        }
        if self._is_slow(team):
            slow = sum(count for name, count in counts.items() if self._is_slow(name))
            reached[Full.SLOW] = (slow, shares.slow)
        for full, (count, limit) in reached.items():
            if count >= limit:
                raise NoPermit(full, limit)

    def _release(self, team: str, began: float) -> None:
        now = self._clock()
        self._held[team].remove(began)
        if not self._held[team]:
            del self._held[team]
        self._slow_until = {name: until for name, until in self._slow_until.items() if until > now}
        if now - began > LONG:
            self._slow_until[team] = now + SLOW_FOR

    def _is_slow(self, team: str) -> bool:
        now = self._clock()
        holds_long = any(now - began > LONG for began in self._held.get(team, ()))
        return holds_long or self._slow_until.get(team, now) > now


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Around a task: all its calls together must end within `seconds`."""
    before = _until.set(min(time.monotonic() + seconds, _until.get()))
    try:
        yield
    finally:
        _until.reset(before)


@contextmanager
def leave_one() -> Iterator[None]:
    """Around calls that can wait: they leave one permit below each limit to calls that can't."""
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
