"""The other end of the line: calls, their answers, and what becomes of those that get none."""

import http.client
import itertools
import json
import os
import ssl
import time

ANSWER_LIMIT = 64 * 1024
CALL_TIMEOUT = 10
FINAL = {401, 403, 410}


class Lost(Exception):
    """No answer, or none to act on; the same call may go through later."""


class Final(Exception):
    """The manager has no more use for this machine."""


class Manager:
    """The other end of the line. One connection a call: nothing to mend when it was restarted."""

    def __init__(self, address, vm):
        scheme, _, rest = address.rstrip("/").partition("://")
        self.host, _, folder = rest.partition("/")
        self.folder = f"/{folder}" if folder else ""
        self.tls = ssl.create_default_context() if scheme == "https" else None
        self.vm = vm
        self.key = os.urandom(32).hex()
        self.claimed = False

    def connect(self, timeout):
        if self.tls:
            return http.client.HTTPSConnection(self.host, timeout=timeout, context=self.tls)
        return http.client.HTTPConnection(self.host, timeout=timeout)

    def call(self, verb, body, timeout=CALL_TIMEOUT):
        """The answer, None for 204. Raises Lost or Final."""
        headers = {"Content-Type": "application/json"}
        if self.claimed:
            headers["Authorization"] = f"Bearer {self.vm}.{self.key}"
        line = self.connect(timeout)
        try:
            line.request("POST", f"{self.folder}/agent/{verb}", dump(aged(body)), headers)
            answer = line.getresponse()
            return self.read(verb, answer.status, answer.read(ANSWER_LIMIT + 1))
        except (OSError, http.client.HTTPException) as error:
            raise Lost(f"no answer to {verb} ({type(error).__name__})") from error
        finally:
            line.close()

    def read(self, verb, status, text):
        if status in FINAL:
            raise Final(f"the manager answered {verb} with {status}")
        if status == 204:
            return None
        if status != 200 or len(text) > ANSWER_LIMIT:
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
    return json.dumps(body, ensure_ascii=False).encode()


def aged(message):
    """`since` on our steady clock becomes seconds ago: true even where this machine's date is wrong."""
    body = dict(message)
    if "since" in body:
        body["ago_s"] = round(time.monotonic() - body.pop("since"), 3)
    return body


def backoff():
    return itertools.chain((0.5, 1, 2, 4, 8), itertools.repeat(10))
