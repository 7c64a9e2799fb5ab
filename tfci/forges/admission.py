"""A wrapper of clients: each call needs a permit, and a forge that did not answer is not called for a while."""

import functools
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from django.conf import settings

from tfci.core.permits import CallLimits, Full, NoPermit, Permits
from tfci.forges.errors import Busy, ForgeSilent

Answer = TypeVar("Answer")

# By the threads of a process (tfci/management/up/processes.py), some of which must always be left.
LIMITS = {
    "web": CallLimits(all=3, team=2, slow=1, slow_host=1, seconds=15),  # of 4
    "worker-act": CallLimits(all=12, team=6, slow=6, slow_host=2, seconds=120),  # of 16
    "worker-hear": CallLimits(
        all=16, team=12, slow=16, slow_host=16, seconds=120
    ),  # of 16: its calls wait on purpose
}
COMMAND = CallLimits(all=100, team=100, slow=100, slow_host=100, seconds=120)
PAUSES = {Full.TEAM: 1, Full.ALL: 1, Full.HOST: 5, Full.SLOW: 5}  # seconds until the next try, on average
WITHOUT_CALL = {"order"}  # methods that make no call

MESSAGES = {
    Full.TEAM: "{host} was not called: calls of this team to forges are open, {limit} of {limit}.",
    Full.HOST: "{host} was not called: it answers slowly, and calls to it are open, {limit} of {limit}.",
    Full.SLOW: "{host} was not called: calls to forges that answer slowly are open, {limit} of {limit}.",
    Full.ALL: "{host} was not called: calls to forges are open, {limit} of {limit}.",
}


@functools.cache
def permits(process: str) -> Permits:
    return Permits(LIMITS.get(process, COMMAND))


class Admitted:
    """A client of one host. Its calls raise Busy and ForgeSilent besides its own errors."""

    def __init__(
        self,
        client: object,
        *,
        team: str,
        host: str,
        clock: Callable[[], float],
        retry_at: datetime | None = None,
    ) -> None:
        """`clock`: seconds, as time.time counts them. `retry_at`: the host is not called before."""
        self._client, self._team, self._host = client, team, host
        self._clock, self._retry_at = clock, retry_at

    def __getattr__(self, name: str) -> object:
        found = getattr(self._client, name)
        return functools.partial(self._call, found) if callable(found) and name not in WITHOUT_CALL else found

    def _call(self, method: Callable[..., Answer], *args: Any, **kwargs: Any) -> Answer:
        now = datetime.fromtimestamp(self._clock(), UTC)
        if self._retry_at and self._retry_at > now:
            raise ForgeSilent(
                f"{self._host} has not answered, so it is not called before {self._retry_at:%H:%M:%S} UTC."
            )
        try:
            with permits(settings.PROCESS).call(self._team, self._host):
                return method(*args, **kwargs)
        except NoPermit as error:
            raise self._busy(error, now) from None

    def _busy(self, error: NoPermit, now: datetime) -> Busy:
        """With jitter: calls that were rejected together are not retried together."""
        pause = timedelta(seconds=PAUSES[error.full] * random.uniform(0.5, 1.5))  # noqa: S311
        message = MESSAGES[error.full].format(host=self._host, limit=error.limit)
        return Busy(f"{message} Try again in a few seconds.", now + pause, error.full)
