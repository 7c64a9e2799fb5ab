"""One machine of a local grid, with a forge that has jobs for it and an ear for what they find out."""

import json
import textwrap
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from practice.grid.vms import network
from tests.machines.host import CLAIM, Host
from tests.practice.forge.harness import Forge, a_place
from tests.practice.grid.harness import until

WORKFLOW = """\
on: push
jobs:
  work:
    runs-on: small
    steps:
      - run: |
{script}
"""


class Ear:
    """Hears what a job says to nobody else: neither to its forge nor to its manager, nor to any file."""

    def __init__(self) -> None:
        self.heard: list[bytes] = []
        ear = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                ear.heard.append(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, args=[0.05], daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def local(home: Path, doors: list[str], memory: int, told: Mapping[str, str]) -> Host:
    """A local grid whose one machine is on its way. Its ways out are these doors alone, and the one to its manager."""
    host = Host(home, *(word for door in doors for word in ("--door", door)))
    host.wallet.deploy([host.order(1, memory, **told)])
    return host


class Worker:
    """`told` are variables of the machine, besides what it needs. `start` is where it runs."""

    def __init__(self, home: Path, memory: int = 384, start: Callable = local, **told: str) -> None:
        self.forge, self.ear = Forge(home / "forge"), Ear()
        self.place = a_place(self.forge, "work")
        doors = [f"127.0.0.1:{port}" for port in (self.forge.port, self.ear.port)]
        self.host = start(home / "grid", doors, memory, told)
        self.host.claimed(1)
        self.jobs = 0

    @property
    def folder(self) -> Path:
        return self.host.folder("vm1")

    def run(self, script: str, then: str = "true", limit: float = 600) -> str:
        """What the script printed, as soon as it has; the job then goes on with `then`, for `limit` seconds in all."""
        self.jobs += 1
        tell = f"| curl -sS --data-binary @- http://{network.HOST}:{self.ear.port}/"
        text = f"{{\n{textwrap.dedent(script).strip()}\n}} 2>&1 {tell}\n{then}"
        self.place.push(WORKFLOW.format(script=textwrap.indent(text, " " * 10)))
        self.host.manager.give(self._order(limit))
        return until(lambda: self.ear.heard[self.jobs - 1 :], CLAIM)[0].decode()

    def done(self) -> dict:
        """What the agent said of the end of the last job."""
        return self.host.manager.wait("done", self.jobs, CLAIM)[-1]

    def _order(self, limit: float) -> dict:
        runner = self.place.runner("small")
        facts = {
            "id": runner.id,
            "uuid": runner.uuid,
            "token": runner.token,
            "name": "vm-1",
            "ephemeral": True,
        }
        facts |= {"address": f"http://{network.HOST}:{self.forge.port}", "labels": ["small:host"]}
        files = {".runner": json.dumps(facts)}
        limits = {"time_limit_s": limit, "grace_s": 1}
        return {
            "id": self.jobs,
            "engine": "practice",
            "files": files,
            "environment": {},
            "labels": ["small"],
            **limits,
        }

    def close(self) -> None:
        self.host.close()
        self.forge.stop()
        self.ear.close()
