"""The first start: an owner, an organization, a repository and tokens, the same ever after."""

import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from practice.forge import accounts, repos
from practice.forge.store import Store

OWNER, ORG, REPO = "keeper", "practice", "hello"
LINK_SCOPES = ["write:organization", "write:repository", "read:user"]  # with writing: to run jobs again
PUSH_SCOPES = LINK_SCOPES  # and to make organizations and link them


@dataclass(frozen=True, slots=True)
class Installation:
    """What forge.json holds (mode 0600)."""

    url: str
    owner: str
    org: str
    repo: str
    token: str
    push_token: str
    control_token: str


def open_installation(home: Path, store: Store, now: float) -> Installation:
    """The world of this home, made at the first start; its address is written anew at every start."""
    path = home / "forge.json"
    installation = _kept(path, store.url) or Installation(
        store.url, OWNER, ORG, f"{ORG}/{REPO}", *(secrets.token_hex(20) for _ in range(3))
    )
    write_private(path, json.dumps(asdict(installation), indent=2))
    with store.transaction():
        _make(store, installation, now)
    return installation


def _kept(path: Path, url: str) -> Installation | None:
    if not path.exists():
        return None
    return Installation(**{**json.loads(path.read_text()), "url": url})


def write_private(path: Path, text: str) -> None:
    """Written whole or not at all, for the owner's eyes only."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(text + "\n")
    os.replace(fresh, path)


def _make(store: Store, installation: Installation, now: float) -> None:
    if store.one("SELECT 1 FROM account"):
        return
    owner = accounts.add_user(store, installation.owner, now)
    repos.add(store, accounts.add_org(store, installation.org, owner, now), REPO, now)
    accounts.keep_token(store, owner, installation.token, LINK_SCOPES)
    accounts.keep_token(store, owner, installation.push_token, PUSH_SCOPES)
