"""API tokens: made, found, revoked. The token itself is shown once and never kept."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from tfci.accounts.audit import record
from tfci.accounts.audit_actions import Action
from tfci.accounts.models import Scope, Team, Token, User
from tfci.core.secret import Secret

START = "fh_"  # so that secret scanners and people know it
SHOWN = 8  # characters of it that stay readable, to recognise it by
USE_NOTED_EVERY = timedelta(minutes=1)


@transaction.atomic
def make(
    team: Team, name: str, scope: Scope, by: User, now: datetime, days: int | None = None
) -> tuple[Token, Secret]:
    """A new token: its row, and the token as a Secret to be shown this once. It ends after so many days, or never."""
    text = START + secrets.token_urlsafe(32)
    token = Token.objects.create(
        team=team,
        name=name,
        scope=scope,
        prefix=text[:SHOWN],
        digest=digest(text),
        created_by=by,
        created_at=now,
        expires_at=now + timedelta(days=days) if days else None,
    )
    record(
        team,
        by,
        Action.TOKEN_CREATED,
        token,
        after={"scope": scope, "ends after": f"{days} days" if days else "never"},
        at=now,
    )
    return token, Secret(text)


def find(text: str, now: datetime) -> Token | None:
    """The live token with that text, or None; notes its use, at most once a minute."""
    active = Q(expires_at=None) | Q(expires_at__gt=now)
    token = Token.objects.select_related("team").filter(active, digest=digest(text), revoked_at=None).first()
    if token:
        stale = Q(last_used_at=None) | Q(last_used_at__lte=now - USE_NOTED_EVERY)
        Token.objects.filter(stale, pk=token.pk).update(last_used_at=now)
    return token


@transaction.atomic
def revoke(token: Token, by: User, now: datetime) -> bool:
    """End it for good. True unless it had been revoked before."""
    updated = Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now)
    if updated:
        record(token.team, by, Action.TOKEN_REVOKED, token, at=now)
    return bool(updated)


def digest(text: str) -> str:
    """sha256 is enough: the token has 256 random bits, so nobody can guess its preimage."""
    return hashlib.sha256(text.encode()).hexdigest()
