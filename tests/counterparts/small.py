"""What small counterparts share: a server over real sockets whose routes are functions, and the faults that it makes.

One that lets another thread in at a time: what a call does is whole.
"""

import json
import re
import sys
import threading
import time
import traceback
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

NO_FAULTS = {"down_for": 0, "error_rate": 0, "lost_answer_rate": 0, "slow": 0}


class Fault(Exception):
    """The caller gets `status` with this text."""

    def __init__(self, status, text=""):
        super().__init__(text)
        self.status, self.text = status, text


class Call:
    """One request: its path's parts, what was asked, and the token of who calls."""

    def __init__(self, path, query, body, token):
        self.parts, self.token = path, token
        self.query = {name: values[0] for name, values in parse_qs(query).items()}
        self.all = parse_qs(query)
        try:
            self.json = json.loads(body) if body else {}
        except ValueError:
            raise Fault(400, "the body is no JSON") from None


class Routes:
    """Paths with {parts} -> functions(world, call) that return what is answered in JSON, None for 204."""

    def __init__(self):
        self._routes = []

    def __call__(self, method, path):
        pattern = re.compile(
            re.sub(r"\{(\w+)\*\}", r"(?P<\1>.+)", path).replace("{", "(?P<").replace("}", ">[^/]+)")
        )

        def keep(answer):
            self._routes.append((method, pattern, answer))
            return answer

        return keep

    def find(self, method, path):
        """The function and the path's parts. Raises Fault."""
        found = [(m, p.fullmatch(path), answer) for m, p, answer in self._routes if p.fullmatch(path)]
        if not found:
            raise Fault(404, "404 page not found")
        for wanted, match, answer in found:
            if wanted == method:
                return answer, {name: unquote(part) for name, part in match.groupdict().items()}
        raise Fault(405)


class Sockets(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Whoever does not wait for a slow answer is no event; anything else is."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            traceback.print_exc()


class SmallServer:
    """A world behind routes, on a port of its own until stop()."""

    def __init__(self, world, routes, header, scheme=""):
        """`header`, `scheme`: where a caller's token stands."""
        self.world, self.faults, self._lock = world, dict(NO_FAULTS), threading.Lock()
        server = self

        class Door(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def any(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                answer = server.answer(
                    routes, self.command, self.path, body, self.headers.get(header, ""), scheme
                )
                if answer is None:
                    self.close_connection = True
                    return
                status, text = answer
                self.send_response(status)
                if status != 204:
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                if status != 204:
                    self.wfile.write(text)

            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = any

            def log_message(self, *_):
                pass

        self._http = Sockets(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        world.url = self.url
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    def answer(self, routes, method, target, body, said, scheme):
        """(status, bytes); None: close the connection without a word. `/_…` is the tests' own side, without faults."""
        url = urlsplit(target)
        faults = NO_FAULTS if url.path.startswith("/_") else self.faults
        if faults["down_for"]:
            return None
        time.sleep(faults["slow"])
        if faults["error_rate"]:
            return 500, b"told to fail"
        answer = self._carried_out(routes, method, url, body, said.removeprefix(scheme).strip())
        return None if faults["lost_answer_rate"] else answer

    def _carried_out(self, routes, method, url, body, token):
        try:
            answer, parts = routes.find(method, url.path)
            with self._lock:
                found = answer(self.world, Call(parts, url.query, body, token))
        except Fault as fault:
            return fault.status, fault.text.encode()
        status, value = found if isinstance(found, tuple) else (200, found)
        return status, b"" if status == 204 else json.dumps(value).encode()

    @contextmanager
    def with_faults(self, **faults):
        self.faults = NO_FAULTS | faults
        try:
            yield
        finally:
            self.faults = dict(NO_FAULTS)

    @contextmanager
    def version(self, version):
        before, self.world.version = self.world.version, version
        try:
            yield
        finally:
            self.world.version = before

    def stop(self):
        self._http.shutdown()
        self._http.server_close()
