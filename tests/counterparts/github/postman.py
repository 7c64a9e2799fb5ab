"""Webhooks: signed over the raw body, tried once, kept for three days, sent again when somebody asks.

docs.github.com, "Best practices for using webhooks": 10 s for an answer, no automatic retry, the same X-GitHub-Delivery
when it is redelivered.
"""

import hashlib
import hmac
import json
import queue
import threading
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx

from tests.counterparts.github import shapes

KEPT = timedelta(days=3)
PATIENCE = 10


@dataclass
class Delivery:
    id: int
    guid: str
    to: str  # "app/7" or "hook/3"
    url: str
    secret: str
    event: str
    payload: dict
    at: datetime
    again: bool = False
    status: int = 0
    tries: list = field(default_factory=list)


class Postman:
    """One thread carries; `lost` says how often one is dropped before it is ever tried."""

    def __init__(self, world, faults, base):
        self.world, self.faults, self.base = world, faults, base
        self.deliveries: list[Delivery] = []
        self.held: list[Delivery] | None = None  # where a test carries them itself
        self._queue = queue.SimpleQueue()
        threading.Thread(target=self._carry, daemon=True).start()

    def tell(self, event, repo, told):
        """Everybody who listens to a repository: its hooks, its organisation's, the Apps installed there."""
        world, owner = self.world, repo.owner
        whole = told | {"repository": shapes.repo(self.base, repo), "sender": shapes.user(owner.login)}
        if owner.type == "Organization":
            whole["organization"] = shapes.account(owner)
        for hook in list(world.hooks.values()):
            if hook.place in (f"orgs/{owner.login}", f"repos/{repo.full_name}") and event in hook.events:
                self._send(f"hook/{hook.id}", hook.url, hook.secret, event, whole)
        for one in list(world.installations.values()):
            covered = one.repositories is None or repo.full_name in one.repositories
            alive = not (one.deleted or one.suspended_at)
            if one.account is owner and covered and alive and event in one.app.manifest["default_events"]:
                of = whole | {"installation": {"id": one.id, "node_id": "x"}}
                self._send(f"app/{one.app.id}", one.app.hook_url, one.app.webhook_secret, event, of)

    def tell_app(self, event, installation, told):
        whole = told | {
            "installation": shapes.installation(self.base, installation),
            "sender": shapes.user(installation.account.login),
        }
        app = installation.app
        self._send(f"app/{app.id}", app.hook_url, app.webhook_secret, event, whole)

    def _send(self, to, url, secret, event, payload):
        if self.faults.lost():
            return
        made = Delivery(
            self.world.number(), str(uuid.uuid4()), to, url, secret, event, payload, self.world.clock.now()
        )
        self._post(made)
        if self.faults.doubled():
            self._post(made)

    def again(self, delivery):
        """Somebody asked for it once more."""
        again = Delivery(
            **{**vars(delivery), "id": self.world.number(), "again": True, "status": 0, "tries": []}
        )
        again.at = self.world.clock.now()
        self._post(again)

    def _post(self, delivery):
        if self.held is not None:
            self.held.append(delivery)
        else:
            self._queue.put(delivery)

    def _carry(self):
        while delivery := self._queue.get():
            self.carry(delivery)

    def carry(self, delivery):
        headers, body = packed(delivery)
        try:
            delivery.status = httpx.post(
                delivery.url, content=body, headers=headers, timeout=PATIENCE, trust_env=False
            ).status_code
        except httpx.HTTPError:
            delivery.status = 502
        self.deliveries.insert(0, delivery)

    def known(self, to):
        """The newest first, three days of them."""
        since = self.world.clock.now() - KEPT
        return [one for one in self.deliveries if one.to == to and one.at > since]

    def stop(self):
        self._queue.put(None)


def packed(delivery):
    """(headers, body) of one delivery."""
    body = json.dumps(delivery.payload).encode()
    signature = hmac.new(delivery.secret.encode(), body, hashlib.sha256).hexdigest()
    kind, _, number = delivery.to.partition("/")
    target = "integration" if kind == "app" else "repository"
    return {
        "Content-Type": "application/json",
        "User-Agent": "GitHub-Hookshot/044aadd",
        "X-GitHub-Event": delivery.event,
        "X-GitHub-Delivery": delivery.guid,
        "X-GitHub-Hook-ID": number,
        "X-GitHub-Hook-Installation-Target-Type": target,
        "X-GitHub-Hook-Installation-Target-ID": number,
        "X-Hub-Signature-256": f"sha256={signature}",
    }, body
