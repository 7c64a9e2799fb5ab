"""How often a token may call."""

from django.utils import timezone
from ninja.throttling import BaseThrottle

from tfci.accounts.requests import TokenRequest
from tfci.core.rate_limit import MINUTE, calls


class Pace(BaseThrottle):
    """At most `most` calls a minute for each token."""

    def __init__(self, what: str, most: int) -> None:
        self.what, self.most = what, most

    def allow_request(self, request: TokenRequest) -> bool:  # type: ignore[override]  # behind Bearer
        return calls(f"api:{self.what}", request.auth.pk, timezone.now()) <= self.most

    def wait(self) -> float:
        """Seconds until the next minute begins."""
        return MINUTE - timezone.now().timestamp() % MINUTE


OUTSIDE = Pace("outside", 20)  # calls that look at a forge, each of them several there
