"""Sends webhooks: one after the other, five seconds at most, one attempt, never again."""

import hashlib
import hmac
import http.client
import random
import threading
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from practice.forge import settings
from practice.forge.store import Row, Store

TIMEOUT = 5.0
REST = 0.02  # seconds between looks at deliveries that are not due yet
IDLE = 5.0  # seconds between looks where there are none; a new one wakes us
KEPT = 5000  # deliveries that are remembered
SWAP = 0.5  # seconds that a delivery which changes places lets others pass


class Postman(threading.Thread):
    """One worker, as a Gitea on two processors has: one slow receiver holds up all others."""

    def __init__(self, store: Store) -> None:
        super().__init__(name="postman", daemon=True)
        self._store = store
        self._ended = threading.Event()
        self._dice = random.Random(0)  # noqa: S311
        self._seed = 0

    def run(self) -> None:
        with self._store.transaction():
            for cut in self._store.rows("delivery", "state = 'sending'"):
                self._store.update("delivery", cut["id"], state="failed", error="the forge ended meanwhile")
        while not self._ended.is_set():
            self._store.inserted.clear()
            row = self._next(time.time())
            if row is None:
                self._store.inserted.wait(self._pause())
            else:
                self._deliver(row)

    def _pause(self) -> float:
        """Seconds until something may be due though nothing is inserted."""
        return REST if self._store.ids("delivery", "state IN ('new', 'pending')") else IDLE

    def end(self) -> None:
        self._ended.set()
        self._store.inserted.set()
        self.join(TIMEOUT + 1)

    def _next(self, now: float) -> Row | None:
        """What is to be sent now, marked: a forge that dies while sending does not send again."""
        with self._store.transaction():
            faults = settings.read(self._store, settings.FAULTS)
            if now < faults["down_until"]:
                return None
            self._apply_faults(faults, now)
            head = "(SELECT MIN(id) FROM delivery WHERE state = 'pending' AND NOT loose)"
            where = f"state = 'pending' AND due <= ? AND (loose OR id = {head})"
            ready = self._store.rows("delivery", where, now)
            if not ready:
                return None
            self._store.update("delivery", ready[0]["id"], state="sending", tried=now)
            return ready[0]

    def _apply_faults(self, faults: Mapping[str, Any], now: float) -> None:
        """Apply the configured faults to each new delivery."""
        if faults["seed"] != self._seed:
            self._seed, self._dice = faults["seed"], random.Random(faults["seed"])  # noqa: S311
        for row in self._store.rows("delivery", "state = 'new'"):
            columns: dict[str, Any] = {"state": "pending"}
            if self._happens(faults["drop"]):
                columns = {"state": "dropped"}
            elif self._happens(faults["delay"]):
                columns |= {"loose": 1, "due": row["due"] + self._dice.uniform(*faults["delay_range"])}
            elif self._happens(faults["reorder"]):
                columns |= {"loose": 1, "due": max(row["due"], now) + self._dice.uniform(0, SWAP)}
            self._store.update("delivery", row["id"], **columns)
            if columns["state"] == "pending" and self._happens(faults["double"]):
                twin = {name: value for name, value in (row | columns).items() if name != "id"}
                self._store.insert("delivery", **twin)

    def _happens(self, share: float) -> bool:
        return share > 0 and self._dice.random() < share

    def _deliver(self, row: Row) -> None:
        hook, began = self._store.get("hook", row["hook_id"]), time.monotonic()
        if hook is None:
            outcome: dict[str, Any] = {"state": "failed", "error": "its hook was removed"}
        else:
            outcome = attempt(hook, row, target_type(self._store, hook))
        with self._store.transaction():
            self._store.update("delivery", row["id"], took=time.monotonic() - began, **outcome)
            self._store.run(
                "DELETE FROM delivery WHERE id <= ? AND state NOT IN ('new', 'pending')", row["id"] - KEPT
            )


def attempt(hook: Row, row: Row, target: str) -> dict[str, Any]:
    """Send it once; how that went."""
    body, content_type = row["body"].encode(), "application/json"
    headers = signed_headers(hook, row, body, target)
    if hook["content_type"] == "form":
        body, content_type = urlencode({"payload": row["body"]}).encode(), "application/x-www-form-urlencoded"
    url = urlsplit(hook["url"])
    kind = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
    connection = kind(url.hostname or "", url.port, timeout=TIMEOUT)
    path = (url.path or "/") + (f"?{url.query}" if url.query else "")
    try:
        connection.request("POST", path, body, {**headers, "Content-Type": content_type})
        status = connection.getresponse().status
    except (OSError, ValueError, http.client.HTTPException) as error:
        return {"state": "failed", "error": f"{type(error).__name__}: {error}"}
    finally:
        connection.close()
    return {"state": "sent" if status // 100 == 2 else "failed", "status": status}


def signed_headers(hook: Row, row: Row, body: bytes, target: str) -> dict[str, str]:
    """Gitea's headers with their GitHub and Gogs twins. Without a secret the signatures are empty."""
    key = hook["secret"].encode()
    sha1 = hmac.new(key, body, hashlib.sha1).hexdigest() if key else ""
    sha256 = hmac.new(key, body, hashlib.sha256).hexdigest() if key else ""
    headers = {"User-Agent": "Go-http-client/1.1", "Accept-Encoding": "gzip"}
    for twin in ("GitHub", "Gitea", "Gogs"):
        headers[f"X-{twin}-Delivery"] = row["uuid"]
        headers[f"X-{twin}-Event"] = row["event"]
        headers[f"X-{twin}-Event-Type"] = row["event"]
    for twin in ("GitHub", "Gitea"):
        headers[f"X-{twin}-Hook-Installation-Target-Type"] = target
    headers["X-Gitea-Signature"] = headers["X-Gogs-Signature"] = sha256
    headers["X-Hub-Signature"], headers["X-Hub-Signature-256"] = f"sha1={sha1}", f"sha256={sha256}"
    if hook["authorization_header"]:
        headers["Authorization"] = hook["authorization_header"]
    return headers


def target_type(store: Store, hook: Row) -> str:
    if hook["repo_id"]:
        return "repository"
    owner = store.get("account", hook["owner_id"])
    return owner["kind"] if owner else "system"
