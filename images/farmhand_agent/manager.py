"""The other end of the line: calls, their answers, and what becomes of those that get none."""

import itertools
import json
import os
import time

from farmhand_agent import line

CALL_TIMEOUT = 10
FINAL = {401, 403, 410}


class Lost(Exception):
    """No answer, or none to act on; the same call may go through later."""


class Final(Exception):
    """The manager has no more use for this machine."""


class Manager:
    """One connection a call: nothing to mend when it was restarted. Knows for how long it was away."""

    def __init__(self, address, vm):
        self.address = address.rstrip("/")
        self.vm = vm
        self.key = os.urandom(32).hex()
        self.claimed = False
        self.begin()

    def begin(self):
        """Forget how long it was away."""
        self.heard_at = time.monotonic()
        self.longest_away = 0  # seconds from an answer to the last call that failed after it

    def call(self, verb, body, timeout=CALL_TIMEOUT):
        """The answer, None for 204. Raises Lost or Final."""
        headers = {"Content-Type": "application/json"}
        if self.claimed:
            headers["Authorization"] = f"Bearer {self.vm}.{self.key}"
        try:
            status, text = line.post(f"{self.address}/agent/{verb}", dump(aged(body)), headers, timeout)
        except (OSError, line.Broken) as error:
            self.longest_away = max(self.longest_away, time.monotonic() - self.heard_at)
            raise Lost(f"no answer to {verb} ({type(error).__name__})") from error
        self.heard_at = time.monotonic()
        return self.read(verb, status, text)

    def read(self, verb, status, text):
        if status in FINAL:
            raise Final(f"the manager answered {verb} with {status}")
        if status == 204:
            return None
        if status != 200:
            raise Lost(f"the manager answered {verb} with {status}")
        try:
            answer = json.loads(text)
        except ValueError as error:
            raise Lost(f"the answer to {verb} can't be read") from error
        if not isinstance(answer, dict):
            raise Lost(f"the answer to {verb} is no object")
        return answer


def dump(body):
    """JSON in UTF-8: with escapes, a tail of 16 KiB could outgrow what the manager reads."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def aged(message):
    """`since` on our steady clock becomes seconds ago: true even where this machine's date is wrong."""
    body = dict(message)
    if "since" in body:
        body["ago_s"] = round(time.monotonic() - body.pop("since"), 3)
    return body


def backoff():
    return itertools.chain((0.5, 1, 2, 4, 8), itertools.repeat(10))
