"""Deliveries of a forge: recorded ones of a Gitea, each for another job, signed anew."""

import hashlib
import hmac
import itertools
import json
import time
import uuid
from pathlib import Path
from typing import NamedTuple

RECORDED = Path(__file__).parents[1] / "forges/gitea/fixtures/hooks/job-queued.json"


class Delivery(NamedTuple):
    """`request` is all that goes over the wire."""

    job_id: str
    request: bytes


class Deliveries:
    """An endless supply for one address: an own job, an own delivery id and a true signature each."""

    def __init__(self, path: str, secret: str, label: str = "small") -> None:
        self._path, self._secret, self._label = path, secret.encode(), label
        self._numbers = itertools.count(time.time_ns() // 1000)  # such as no forge has given

    def make(self, count: int) -> list[Delivery]:
        """So many jobs are queued."""
        return [self._one("queued", next(self._numbers)) for _ in range(count)]

    def ends(self, queued: list[Delivery]) -> list[Delivery]:
        """The same jobs are cancelled."""
        return [self._one("completed", int(delivery.job_id), conclusion="cancelled") for delivery in queued]

    def _one(self, action: str, number: int, **job: object) -> Delivery:
        recorded, delivery = json.loads(RECORDED.read_text()), str(uuid.uuid4())
        payload = json.loads(recorded["body"]) | {"action": action}
        job |= {"id": number, "run_id": number, "labels": [self._label], "status": action}
        payload["workflow_job"] |= job
        body = json.dumps(payload, indent=2).encode()
        signature = hmac.new(self._secret, body, hashlib.sha256).hexdigest()
        changed = {"Host": "127.0.0.1", "Content-Length": str(len(body))}
        changed |= {f"X-{forge}-Delivery": delivery for forge in ("Gitea", "GitHub", "Gogs")}
        changed |= {"X-Gitea-Signature": signature, "X-Gogs-Signature": signature}
        changed |= {"X-Hub-Signature-256": f"sha256={signature}"}
        lines = [f"{name}: {value}\r\n" for name, value in (recorded["headers"] | changed).items()]
        head = f"POST {self._path} HTTP/1.1\r\n{''.join(lines)}\r\n"
        return Delivery(str(number), head.encode() + body)
