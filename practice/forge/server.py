"""The sockets: one thread a connection, kept alive; every call ends in one of the doors."""

import gzip
import random
import sys
import threading
import time
import traceback
import zlib
from collections import Counter
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

from practice.forge import settings
from practice.forge.faults import Fault
from practice.forge.store import Store
from practice.forge.web import Answer, Door, Request

MAX_BODY = 16 * 1024 * 1024
IDLE = 120.0  # seconds until a silent connection is closed


class Server(ThreadingHTTPServer):
    """All doors on one port. `injected` counts the faults that were injected on request."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(address, Connection)
        self.doors: Sequence[Door] = ()
        self.injected: Counter[str] = Counter()
        self._dice = random.Random(0)  # noqa: S311
        self._dice_seed = 0
        self._dice_lock = threading.Lock()

    def open(self, store: Store, doors: Sequence[Door]) -> None:
        """Set the store and the doors; the last door takes what no other one does."""
        self.store, self.doors = store, doors

    def happens(self, share: float, seed: int) -> bool:
        """Whether a fault of this probability occurs now; the same seed gives the same sequence."""
        with self._dice_lock:
            if seed != self._dice_seed:
                self._dice, self._dice_seed = random.Random(seed), seed  # noqa: S311
            return share > 0 and self._dice.random() < share

    def handle_error(self, request: object, client_address: object) -> None:
        """A connection that broke off is no event; anything else is."""
        if not isinstance(sys.exc_info()[1], (ConnectionError, TimeoutError)):
            traceback.print_exc()


class Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = IDLE
    server: Server

    def handle_any(self) -> None:
        request = self._request()
        if request is None:
            return
        door = next(door for door in self.server.doors if door.claims(request.path))
        answer = (
            self._answer_with_faults(door, request) if door.injects_faults else self._answer(door, request)
        )
        if answer is None:
            self.close_connection = True
        else:
            self._send(answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = handle_any

    def _request(self) -> Request | None:
        """None when it was refused already. The body is read in any case, or the connection is closed."""
        try:
            length = int(self.headers.get("Content-Length") or 0)
        except ValueError:
            length = -1
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower() or not 0 <= length <= MAX_BODY:
            self.close_connection = True
            self._send(Answer(413, b"the body must have a length of at most 16 MiB", "text/plain"))
            return None
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = _unpacked(self.rfile.read(length), headers.get("content-encoding", ""))
        url = urlsplit(self.path)
        method = "GET" if self.command == "HEAD" else self.command
        query = parse_qs(url.query, keep_blank_values=True)
        return Request(self.server.store, method, unquote(url.path), query, headers, body, time.time())

    def _answer_with_faults(self, door: Door, request: Request) -> Answer | None:
        """The answer after the configured faults; None: close the connection without one."""
        faults = settings.read(request.store, settings.FAULTS)
        happens, injected = self.server.happens, self.server.injected
        if request.now < faults["down_until"]:
            injected["refused_while_down"] += 1
            return None
        if faults["slow"]:
            injected["slowed"] += 1
            time.sleep(faults["slow"])
        if happens(faults["error_rate"], faults["seed"]):
            injected["errors"] += 1
            return door.refuse(request, Fault(500, "injected fault of the practice forge"))
        answer = self._answer(door, request)
        if happens(faults["lost_answer_rate"], faults["seed"]):
            injected["lost_answers"] += 1
            return None
        return answer

    def _answer(self, door: Door, request: Request) -> Answer:
        try:
            return door.answer(request)
        except Exception:
            traceback.print_exc()
            return door.refuse(request, Fault(500, "internal error of the practice forge"))

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        if answer.status != 204:
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD" and answer.status != 204:
            self.wfile.write(answer.body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Silent: addresses and tokens have no place in a log."""


def _unpacked(body: bytes, encoding: str) -> bytes:
    """The body without gzip; one that is broken or grows too large is left as it is, and no door reads it."""
    if encoding.lower() != "gzip":
        return body
    unzip = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        plain = unzip.decompress(body, MAX_BODY)
    except (zlib.error, gzip.BadGzipFile):
        return body
    return body if unzip.unconsumed_tail else plain
