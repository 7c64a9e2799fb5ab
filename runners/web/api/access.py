"""Who may call: a team's token, by the same table of rights as pages."""

from django.utils import timezone
from ninja.security import HttpBearer

from tfci.accounts import access, tokens
from tfci.accounts.models import Token
from tfci.accounts.requests import TokenRequest


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
