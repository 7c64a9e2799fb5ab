"""Users, organizations and access tokens."""

import hashlib
import re
import secrets

from practice.forge.faults import Fault, not_found
from practice.forge.store import Row, Store

ROLES = ("owner", "admin", "write", "read")
CATEGORIES = (
    "activitypub", "admin", "misc", "notification", "organization", "package", "issue", "repository", "user",
)  # fmt: skip
SCOPES = {"all", "public-only"} | {f"{level}:{name}" for level in ("read", "write") for name in CATEGORIES}
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def add_user(store: Store, name: str, now: float, *, email: str = "", site_admin: bool = False) -> Row:
    email = email or f"{name}@example.org"
    return _add(store, name, "user", now, email=email, site_admin=int(site_admin))


def add_org(store: Store, name: str, owner: Row, now: float, *, visibility: str = "public") -> Row:
    org = _add(store, name, "organization", now, visibility=visibility)
    set_member(store, org, owner, "owner")
    return org


def _add(store: Store, name: str, kind: str, now: float, **columns: str | int) -> Row:
    if not NAME.fullmatch(name):
        raise Fault(422, f"name is invalid [{name}]")
    if store.one("SELECT 1 FROM account WHERE name = ?", name):
        raise Fault(422, f"user already exists [name: {name}]")
    account_id = store.insert("account", name=name, kind=kind, created=now, **columns)
    return named_id(store, account_id)


def named_id(store: Store, account_id: int) -> Row:
    account = store.get("account", account_id)
    if account is None:
        raise Fault(404, f"user does not exist [uid: {account_id}, name: ]")
    return account


def named(store: Store, name: str, kind: str) -> Row:
    account = store.one("SELECT * FROM account WHERE name = ? AND kind = ?", name, kind)
    if account is None:
        nobody = f"user redirect does not exist [name: {name}]"
        raise Fault(404, nobody) if kind == "user" else not_found(nobody, message="GetOrgByName")
    return account


def set_member(store: Store, org: Row, user: Row, role: str) -> None:
    if role not in ROLES:
        raise Fault(422, f"role is one of {', '.join(ROLES)}")
    sql = "INSERT INTO member VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET role = excluded.role"
    store.run(sql, org["id"], user["id"], role)


def orgs_of(store: Store, user: Row) -> list[Row]:
    sql = "SELECT account.* FROM account JOIN member ON org_id = id WHERE user_id = ? ORDER BY name"
    return store.all(sql, user["id"])


def add_token(store: Store, user: Row, scopes: list[str]) -> str:
    """The new token, 40 hex digits; only its digest is kept."""
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise Fault(400, f"invalid access token scope: {', '.join(unknown)}")
    token = secrets.token_hex(20)
    keep_token(store, user, token, scopes)
    return token


def keep_token(store: Store, user: Row, token: str, scopes: list[str]) -> None:
    store.insert("token", digest=digest(token), user_id=user["id"], scopes=",".join(scopes))


def drop_token(store: Store, token: str) -> None:
    if not store.run("DELETE FROM token WHERE digest = ?", digest(token)):
        raise not_found()


def holder(store: Store, token: str) -> tuple[Row, str] | None:
    """Whose token it is, and its scopes as Gitea writes them."""
    row = store.one("SELECT * FROM token WHERE digest = ?", digest(token))
    return (named_id(store, row["user_id"]), row["scopes"]) if row else None
