"""How often one may call: GitHub's primary limit by the hour and its secondary one by the minute.

docs.github.com, "Rate limits for the REST API": 5,000 calls an hour for a token or an installation, and for an
installation 50 more for each repository above 20, at most 12,500; an answer 304 does not count. 900 points a minute, a
reading call 1, a changing one 5. Assumed: the minute slides, and a 304 costs its point.
"""

from collections import deque
from dataclasses import dataclass, field

HOUR, MINUTE, POINTS = 3600, 60, 900
SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again. "
    "If you reach out to GitHub Support for help, please include the request ID."
)


@dataclass
class Account:
    limit: int = 5000
    used: int = 0
    reset: float = 0.0
    points: deque = field(default_factory=deque)  # (second, points)
    most: int = 0  # points of the worst minute
    refused: int = 0


class Limits:
    def __init__(self, clock):
        self._clock = clock
        self.accounts: dict[str, Account] = {}
        self.points = POINTS
        self.retry_after = 60

    def of(self, key):
        return self.accounts.setdefault(key, Account())

    def spend(self, key, method):
        """(status, headers, message) of a refusal, or None."""
        account, now = self.of(key), self._clock.seconds()
        if now >= account.reset:
            account.used, account.reset = 0, now + HOUR
        if account.used >= account.limit:
            account.refused += 1
            return 403, self.headers(key), f"API rate limit exceeded for {key}."
        while account.points and account.points[0][0] <= now - MINUTE:
            account.points.popleft()
        cost = 1 if method in ("GET", "HEAD", "OPTIONS") else 5
        spent = sum(points for _, points in account.points) + cost
        if spent > self.points:
            account.refused += 1
            return 403, self.headers(key) | {"Retry-After": str(self.retry_after)}, SECONDARY
        account.points.append((now, cost))
        account.most = max(account.most, spent)
        account.used += 1
        return None

    def give_back(self, key):
        """It was answered with 304."""
        self.of(key).used -= 1

    def headers(self, key):
        account = self.of(key)
        return {
            "X-RateLimit-Limit": str(account.limit),
            "X-RateLimit-Remaining": str(max(0, account.limit - account.used)),
            "X-RateLimit-Used": str(account.used),
            "X-RateLimit-Reset": str(int(account.reset)),
            "X-RateLimit-Resource": "core",
        }
