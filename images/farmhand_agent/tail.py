"""The output of agent and engine, cleaned, and kept until the manager has accepted it."""

import json
import re
import threading

TAIL_LIMIT = 16 * 1024
LINE_LIMIT = 8 * 1024
LAST_LINES = 5  # of an engine, which may explain its failure
MESSAGE_LIMIT = 200  # characters of such a line that are reported
SECRET = re.compile("TOKEN|SECRET|JITCONFIG")  # in a variable's name
NO_NETWORK = (
    "connection refused",
    "connection reset",
    "i/o timeout",
    "no route to host",
    "no such host",
    "network is unreachable",
    "name or service not known",
    "temporary failure in name resolution",
    "tls handshake timeout",
)


class Tail:
    """Output that is not accepted yet, the last 16 KiB of it. Positions count all bytes ever written."""

    def __init__(self):
        self.kept = b""
        self.end = 0
        self.accepted = 0
        self.lock = threading.Lock()

    def write(self, text):
        data = text.encode()
        with self.lock:
            self.end += len(data)
            self.kept += data
            if len(self.kept) > TAIL_LIMIT - 64:  # room for the line that says what is missing
                cut = self.kept[-(TAIL_LIMIT - 64) :]
                self.kept = cut.partition(b"\n")[2] or cut

    def pending(self):
        """(text, position): what to send, and what to hand to accept() afterwards."""
        with self.lock:
            missing = self.end - len(self.kept) - self.accepted
            note = f"[agent] {missing} bytes left out\n" if missing > 0 else ""
            return note + self.kept.decode("utf-8", "ignore"), self.end

    def accept(self, position):
        with self.lock:
            self.accepted = position
            newer = self.end - position
            self.kept = self.kept[-newer:] if newer else b""


class Lines:
    """Makes clean lines of raw output and hides what is secret in them."""

    NOISE = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f]")

    def __init__(self, tail, secrets):
        self.tail = tail
        self.secrets = secrets
        self.rest = b""
        self.no_space = False
        self.last = []

    def feed(self, data):
        whole, newline, self.rest = (self.rest + data).rpartition(b"\n")
        if newline:
            self.write(whole)
        if len(self.rest) > LINE_LIMIT:
            self.flush()

    def flush(self):
        if self.rest:
            self.write(self.rest)
        self.rest = b""

    def write(self, data):
        text = data.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
        self.no_space = self.no_space or "No space left on device" in text
        for secret in self.secrets:
            text = text.replace(secret, "***")
        text = self.NOISE.sub("", text)
        self.last = [*self.last, *text.splitlines()[-LAST_LINES:]][-LAST_LINES:]
        self.tail.write(text + "\n")

    def no_network(self):
        """The newest of its last lines that reports a network failure; "" if none does."""
        matching = (
            line for line in reversed(self.last) if any(words in line.lower() for words in NO_NETWORK)
        )
        return next(matching, "").strip()[:MESSAGE_LIMIT]


def secrets_in(files, environment):
    """The secrets of an order: tokens in JSON, other files line by line, and variables by their names."""
    found = {value for name, value in environment.items() if SECRET.search(name)}
    for text in files.values():
        try:
            found.add(str(json.loads(text).get("token", "")))
        except (ValueError, AttributeError):
            found.update(line.strip() for line in text.splitlines())
    return [secret for secret in found if len(secret) >= 8]
