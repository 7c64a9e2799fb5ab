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
class World:
    """What forge.json holds (mode 0600)."""

    url: str
    owner: str
    org: str
    repo: str
    token: str
    push_token: str
    control_token: str


def open_world(home: Path, store: Store, now: float) -> World:
    """The world of this home, made at the first start; its address is written anew at every start."""
    path = home / "forge.json"
    world = _kept(path, store.url) or World(
        store.url, OWNER, ORG, f"{ORG}/{REPO}", *(secrets.token_hex(20) for _ in range(3))
    )
    write_private(path, json.dumps(asdict(world), indent=2))
    with store.transaction():
        _make(store, world, now)
    return world


def _kept(path: Path, url: str) -> World | None:
    if not path.exists():
        return None
    return World(**{**json.loads(path.read_text()), "url": url})


def write_private(path: Path, text: str) -> None:
    """Written whole or not at all, for the owner's eyes only."""
    fresh = path.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(text + "\n")
    os.replace(fresh, path)


def _make(store: Store, world: World, now: float) -> None:
    if store.one("SELECT 1 FROM account"):
        return
    owner = accounts.add_user(store, world.owner, now)
    repos.add(store, accounts.add_org(store, world.org, owner, now), REPO, now)
    accounts.keep_token(store, owner, world.token, LINK_SCOPES)
    accounts.keep_token(store, owner, world.push_token, PUSH_SCOPES)
