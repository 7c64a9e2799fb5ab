"""A grid proxy for tests, over real sockets: shapes, paging, parameters and refusals of threefoldtech/tfgrid-sdk-go's
grid-proxy (pkg/types/nodes.go, internal/explorer/server.go), filled with nodes by a seed.

Strict as the real one: a parameter that it does not know is 400, and so is a value of the wrong kind.
"""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qsl, urlsplit

from tests.counterparts.gridproxy import landscape, params
from tests.counterparts.small import Sockets

NO_FAULTS = {"down": False, "slow": 0.0, "unknown_fields": False, "no_json": False, "shift_after": 0}


class GridProxy:
    """`nodes` and `farms` are what it shows, as dicts that a test may change."""

    def __init__(self, count: int = 60, seed: int = 13):
        self.farms, self.nodes = landscape.of(count, seed)
        self.faults, self.asked = dict(NO_FAULTS), []
        proxy = self

        class Door(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                proxy.asked.append(self.path)
                if proxy.faults["down"]:
                    self.close_connection = True
                    return
                time.sleep(proxy.faults["slow"])
                status, headers, body = proxy.answer(self.path)
                self.send_response(status)
                for name, value in {**headers, "Content-Length": len(body)}.items():
                    self.send_header(name, str(value))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self._http = Sockets(("127.0.0.1", 0), Door)
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    def answer(self, target: str) -> tuple[int, dict, bytes]:
        url = urlsplit(target)
        rows = {"/nodes": self.nodes, "/farms": self.farms}.get(url.path)
        if rows is None:
            return 404, {}, b"404 page not found\n"
        try:
            asked = params.read(url.path, parse_qsl(url.query, keep_blank_values=True))
        except ValueError as error:
            return 400, {"Content-Type": "application/json"}, json.dumps({"error": str(error)}).encode()
        found = params.order([row for row in rows if params.keeps(row, asked)], asked)
        headers, page = params.page(found, asked)
        return 200, {"Content-Type": "application/json", **headers}, self._told(page)

    def _told(self, page: list[dict]) -> bytes:
        if self.faults["no_json"]:
            return b"<html>Bad gateway</html>"
        if self.faults["unknown_fields"]:
            page = [row | {"cpu_benchmark": {"single": 1.5}, "system_resources": None} for row in page]
        text = json.dumps(page).encode()
        if self.faults["shift_after"]:
            self.faults["shift_after"] -= 1
            self.nodes.pop(0)  # one has left before the next page is asked for: all behind it move up
        return text

    @contextmanager
    def with_faults(self, **faults):
        self.faults = NO_FAULTS | faults
        try:
            yield
        finally:
            self.faults = dict(NO_FAULTS)

    def stop(self):
        self._http.shutdown()
        self._http.server_close()
