"""The budget of calls to GitHub: checked before each call, updated after each answer.

docs.github.com, "Rate limits for the REST API": a number of calls an hour for a token or an installation, which each
answer counts down; 900 points a minute, 1 for a reading call, 5 for a changing one, which only we count; and after a
limit no call before its `retry-after`. The least important calls stop first: VMs are removed to the last, new ones are
made while there is room, polling takes the rest. Calls that can wait, like polls in which nothing is expected, are
spread over the hour: they take no call that the rest of the hour may need.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Literal

import msgspec

from tfci.forges.errors import Limited
from tfci.forges.ports.forge import Memory

Use = Literal["idle", "look", "read", "make", "remove"]

POINTS = 900  # a minute
SPAN, SPANS = 10, 7  # seconds that are counted together; so many cover a sliding minute
# Of POINTS, at most spent; of the hour's calls, left over
MINUTE: dict[Use, float] = {"idle": 0.65, "look": 0.80, "read": 0.87, "make": 0.93, "remove": 0.98}
HOUR: dict[Use, float] = {"idle": 0.10, "look": 0.06, "read": 0.04, "make": 0.02, "remove": 0.0}
AHEAD = 0.10  # of an hour's calls, that `idle` may be ahead of it
KEPT = 600  # seconds for which a span's points are remembered
PAUSE = 60  # seconds, after a refusal that names none


class CallBudgetSpent(Limited):
    """Our own limit, before GitHub's."""


class Left(msgspec.Struct, array_like=True):
    """The newest answer's rate limit: calls left, of how many, and when it resets."""

    calls: int
    limit: int
    reset: float


class CallBudget:
    """Of one token or installation, over all processes that share the memory."""

    def __init__(self, memory: Memory, clock: Callable[[], float]) -> None:
        self._memory, self._clock = memory, clock

    def check(self, method: str, use: Use) -> None:
        """Raises Limited until when such a call has to wait."""
        now, cost = self._clock(), 1 if method == "GET" else 5
        begun = int(now // SPAN)
        held, left, *spans = self._memory.get("held", "left", *(f"spent:{begun - n}" for n in range(SPANS)))
        if held and float(held) > now:
            raise Limited("GitHub asked for a pause in calls", _moment(float(held)))
        if isinstance(left, bytes):
            self._check_hour(msgspec.json.decode(left, type=Left), use, now)
        if sum(int(count) for count in spans if count) + cost > POINTS * MINUTE[use]:
            raise CallBudgetSpent(
                "as much is called as GitHub allows in a minute", _moment((begun + 1) * SPAN)
            )
        self._memory.add(f"spent:{begun}", cost, KEPT)

    def _check_hour(self, left: Left, use: Use, now: float) -> None:
        if left.reset <= now:
            return
        if left.calls <= left.limit * HOUR[use]:
            raise CallBudgetSpent("this hour's calls are nearly used up", _moment(left.reset))
        if use == "idle" and left.calls < left.limit * _due(left.reset - now):
            raise CallBudgetSpent("the rest of this hour needs the calls", _moment(now + SPAN))

    def update(self, headers: Mapping[str, str]) -> None:
        """Store an answer's rate limit headers. An Enterprise Server without limits sends none."""
        try:
            calls, limit, reset = (
                int(headers[f"x-ratelimit-{name}"]) for name in ("remaining", "limit", "reset")
            )
        except (KeyError, ValueError):
            return
        self._memory.put("left", msgspec.json.encode(Left(calls, limit, reset)), 3600)

    def refused(self, headers: Mapping[str, str]) -> datetime:
        """GitHub refuses calls; until when, which is remembered for all."""
        now = self._clock()
        after, reset = headers.get("retry-after", ""), headers.get("x-ratelimit-reset", "")
        if after.isdigit():
            until = now + int(after)
        elif headers.get("x-ratelimit-remaining") == "0" and reset.isdigit():
            until = float(reset)
        else:
            until = now + PAUSE
        until = min(max(until, now + 1), now + 3600)
        self._memory.put("held", str(until).encode(), until - now)
        return _moment(until)

    def left(self) -> Left | None:
        """The newest answer's rate limit, if it is still stored."""
        (known,) = self._memory.get("left")
        return msgspec.json.decode(known, type=Left) if isinstance(known, bytes) else None


def _due(seconds: float) -> float:
    """Of an hour's calls, how many are to be left so long before its end."""
    return min(1.0 - AHEAD, HOUR["idle"] + (1.0 - HOUR["idle"]) * seconds / 3600)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
