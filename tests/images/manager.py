"""A manager over real sockets that drives images/agent: it remembers all calls and answers as it is told."""

import json
import threading
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOLD, REAL_HOLD = 2, 25  # seconds that `order` waits here, and with the real one


class Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request, client_address):
        """An agent that was ended in the middle of a call is what some tests are about."""


class FakeManager:
    """`calls` is all that was heard; `answers[verb]` is a queue of statuses to give instead of 200, -1 being
    none at all though the call was heard."""

    def __init__(self):
        self.calls = []
        self.orders = deque()
        self.answers = {}
        self.beat = {"stop": False, "interval": 1}
        self.hold = HOLD
        self.changed = threading.Condition()
        self.port = 0
        self.up()

    def up(self):
        self.server = Server(("127.0.0.1", self.port), handler_for(self))
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=[0.05], daemon=True).start()

    def down(self):
        self.server.shutdown()
        self.server.server_close()

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def hear(self, verb, body, headers):
        """Remember one call; returns (status, answer)."""
        with self.changed:
            self.calls.append((verb, body, headers))
            self.changed.notify_all()
            status = self.answers[verb].popleft() if self.answers.get(verb) else 200
        if status != 200:
            return status, {}
        return self.order() if verb == "order" else (200, self.beat if verb == "beat" else {})

    def order(self):
        with self.changed:
            self.changed.wait_for(lambda: self.orders, self.hold)
            return (200, self.orders.popleft()) if self.orders else (204, None)

    def give(self, order):
        with self.changed:
            self.orders.append(order)
            self.changed.notify_all()

    def said(self, verb):
        """All bodies of one verb so far."""
        return [body for heard, body, _ in self.calls if heard == verb]

    def wait(self, verb, count=1, seconds=10):
        """The bodies of `verb`, as soon as there are `count`."""
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.said(verb)) >= count, seconds), self.calls[-3:]
            return self.said(verb)

    def tail(self):
        """All that was said, put together from every accepted delta."""
        return "".join(body["tail"] for verb, body, _ in self.calls if verb in ("beat", "done"))


def handler_for(manager):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            status, answer = manager.hear(self.path.removeprefix("/agent/"), body, dict(self.headers))
            if status == -1:
                self.close_connection = True
                return
            data = json.dumps(answer).encode() if answer is not None else b""
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            """Quiet: tests look at `calls`."""

    return Handler


def eventually(check, seconds=10):
    """The first true answer of `check`; fails when there is none within `seconds`."""
    end = time.monotonic() + seconds
    while not (found := check()):
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.02)
    return found
