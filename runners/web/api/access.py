"""Who may call, by the same table of rights as pages, and how often: a team's token."""

from django.utils import timezone
from ninja.security import HttpBearer
from ninja.throttling import BaseThrottle

from tfci.accounts import access, tokens
from tfci.accounts.models import Token
from tfci.accounts.requests import TokenRequest
from tfci.core.rate_limit import MINUTE, calls


class Bearer(HttpBearer):
    """A live token whose scope may do `verb`. From then on the request has `team`, `role` and `auth`, the token."""

    def __init__(self, verb: str) -> None:
        super().__init__()
        self.verb = verb
        access.MAY[verb]  # a misspelt verb fails at import

    def authenticate(  # type: ignore[override]  # the request becomes one here
        self, request: TokenRequest, token: str
    ) -> Token | None:
        found = tokens.find(token, timezone.now())
        if found:
            request.team, request.role = found.team, found.scope
            access.check(request, self.verb)
        return found


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
