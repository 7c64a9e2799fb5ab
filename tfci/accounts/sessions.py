"""Whose session is it, for doors that have no Django request: the same rules as of every page."""

from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection as database
from django.utils.crypto import constant_time_compare

from tfci.accounts.models import User


def person(session_key: str | None) -> User | None:
    """Who is signed in by it; None once it has ended, or the password was changed elsewhere."""
    if session_key and not session_key.isalnum():
        return None  # a cookie may have anything in it, null characters too
    session = SessionStore(session_key)
    pk = session.get(SESSION_KEY)
    user = User.objects.filter(pk=pk, is_active=True).first()  # type: ignore[misc]  # None finds nobody
    if user is None:
        return None
    same = constant_time_compare(session.get(HASH_SESSION_KEY, ""), user.get_session_auth_hash())
    return user if same else None


def has_second_factor(user: User) -> bool:
    """As second_factor.has, for a process that can't load allauth's models: it has not their middleware."""
    with database.cursor() as cursor:
        rows = "SELECT 1 FROM mfa_authenticator WHERE user_id = %s AND type IN ('totp', 'webauthn')"
        cursor.execute(f"SELECT EXISTS ({rows})", [user.pk])
        return cursor.fetchone()[0]
