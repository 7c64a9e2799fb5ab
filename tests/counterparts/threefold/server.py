"""One address for all of the stub grid: the chain's websocket at /ws, the proxy at the paths that it has, and at
/_… what its programs reach by the chain's and the nodes' own ways."""

import json
import threading
from http.server import BaseHTTPRequestHandler

from tests.counterparts.small import Sockets
from tests.counterparts.threefold import proxy, rpc, websocket
from tests.counterparts.threefold.programs import ACTS
from tests.counterparts.threefold.world import Refused, World


class Server:
    """Serves a world until stop(); start() again at the same address."""

    def __init__(self, world: World) -> None:
        self.world, self._port = world, 0
        self.start()

    def start(self) -> None:
        self._http = Sockets(("127.0.0.1", self._port), self._door())
        self._port = self._http.server_port
        self.url = f"http://127.0.0.1:{self._port}"
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def _door(self) -> type[BaseHTTPRequestHandler]:
        world = self.world

        class Door(BaseHTTPRequestHandler):
            protocol_version, disable_nagle_algorithm = "HTTP/1.1", True

            def do_GET(self):
                if world.faults.silent:
                    self.close_connection = True
                elif self.headers.get("Upgrade", "").lower() == "websocket":
                    self._converse()
                else:
                    world.tick()
                    with world.lock:
                        self._say(*proxy.answer(world, self.path))

            def do_POST(self):
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                told = {"lost": True} if world.faults.silent else ACTS[self.path](world, asked)
                if world.faults.silent:
                    told = {"lost": True}
                self._say(200, {}, json.dumps(told).encode())

            def _converse(self):
                self.send_response(101, "Switching Protocols")
                self.send_header("Upgrade", "websocket")
                self.send_header("Connection", "Upgrade")
                self.send_header("Sec-WebSocket-Accept", websocket.accept(self.headers["Sec-WebSocket-Key"]))
                self.end_headers()
                self.close_connection = True
                both = _Both(self.rfile, self.wfile)
                websocket.messages(both, lambda text: None if world.faults.silent else _answer(world, text))

            def _say(self, status, headers, body):
                self.send_response(status)
                for name, value in {**headers, "Content-Length": len(body)}.items():
                    self.send_header(name, str(value))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Door


class _Both:
    def __init__(self, reading, writing):
        self.read, self.write, self.flush = reading.read, writing.write, writing.flush


def _answer(world, text):
    """One call's answer; None where the chain has fallen silent meanwhile."""
    asked = json.loads(text)
    try:
        told = {"result": rpc.call(world, asked["method"], asked.get("params"))}
    except Refused as refused:
        told = {"error": {"code": refused.code, "message": str(refused), "data": refused.data}}
    return None if world.faults.silent else json.dumps({"jsonrpc": "2.0", "id": asked["id"], **told})
