"""Calls to the manager, their answers and their errors."""

import itertools
import json
import os
import time

from farmhand_agent import http_call

CALL_TIMEOUT = 10
FINAL = {401, 403, 410}


class Lost(Exception):
    """No answer, or none to act on; the same call may go through later."""


class Final(Exception):
    """The manager does not want this machine any more."""


class Manager:
    """One connection a call: a restarted manager needs no reconnect. Knows how long it could not be reached."""

    def __init__(self, address, vm):
        self.address = address.rstrip("/")
        self.vm = vm
        self.key = os.urandom(32).hex()
        self.claimed = False
        self.begin()

    def begin(self):
        """Forget how long it was away."""
        self.answered_at = time.monotonic()
        self.longest_away = 0  # seconds from an answer to the last call that failed after it

    def call(self, verb, body, timeout=CALL_TIMEOUT):
        """The answer, None for 204. Raises Lost or Final."""
        headers = {"Content-Type": "application/json"}
        if self.claimed:
            headers["Authorization"] = f"Bearer {self.vm}.{self.key}"
        try:
            status, text = http_call.post(f"{self.address}/agent/{verb}", dump(aged(body)), headers, timeout)
        except (OSError, http_call.Broken) as error:
            self.longest_away = max(self.longest_away, time.monotonic() - self.answered_at)
            raise Lost(f"no answer to {verb} ({type(error).__name__})") from error
        self.answered_at = time.monotonic()
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
