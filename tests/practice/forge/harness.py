"""A practice forge in a process of its own, a webhook receiver, and people to talk to it with."""

import base64
import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[3]
RUNNER_CALLS = "/api/actions/runner.v1.RunnerService"
NEVER_THERE = "http://127.0.0.1:9/hook"  # the discard port: nobody listens
LINK = ["write:organization", "read:repository", "read:user"]
PATIENCE = 30.0  # seconds, on a busy computer


def until(look: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """What `look` says as soon as it is true; fails after the time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.01)
    raise AssertionError(f"nothing came of {look} in {seconds} s")


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.raw)


class Forge:
    """The process, and everything one may ask of it."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.start()

    def start(self, port: int = 0) -> None:
        command = [sys.executable, "-m", "practice.forge", "--home", str(self.home), "--port", str(port)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert "ready" in line, line
        self.world = json.loads((self.home / "forge.json").read_text())
        self.url = self.world["url"]
        self.port = urlsplit(self.url).port

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)
        self.process.stdout.close()

    def stop(self) -> int:
        self.process.terminate()
        code = self.process.wait(15)
        self.process.stdout.close()
        return code

    def call(
        self, method: str, path: str, body: Any = None, token: str = "", headers: dict[str, str] | None = None
    ) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        all_headers = {"Content-Type": "application/json", **(headers or {})}
        if token:
            all_headers["Authorization"] = f"token {token}"
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        try:
            connection.request(method, path, data, all_headers)
            response = connection.getresponse()
            return Reply(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    def api(self, method: str, path: str, body: Any = None, token: str = "") -> Reply:
        return self.call(method, f"/api/v1{path}", body, token)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        bearer = {"Authorization": f"Bearer {self.world['control_token']}"}
        reply = self.call(method, f"/practice{path}", body, headers=bearer)
        assert reply.status < 300, (reply.status, reply.raw)
        return reply.json if reply.raw else None

    def token(self, user: str, *scopes: str) -> str:
        return self.control("POST", "/tokens", {"user": user, "scopes": list(scopes)})["token"]


@dataclass
class Runner:
    """One registration, speaking Connect-JSON."""

    forge: Forge
    id: int
    uuid: str
    token: str

    def call(self, name: str, body: dict[str, Any]) -> Reply:
        headers = {"x-runner-uuid": self.uuid, "x-runner-token": self.token}
        return self.forge.call("POST", f"{RUNNER_CALLS}/{name}", body, headers=headers)

    def fetch(self, version: str = "0") -> dict[str, Any] | None:
        """The task, or None."""
        reply = self.call("FetchTask", {"tasksVersion": version})
        assert reply.status == 200, reply.raw
        return reply.json.get("task")

    def log(self, task: dict[str, Any], *lines: str, index: int = 0) -> Reply:
        rows = [{"time": "2026-11-24T08:23:52.1234567Z", "content": line} for line in lines]
        return self.call("UpdateLog", {"taskId": task["id"], "index": str(index), "rows": rows})

    def beat(self, task: dict[str, Any]) -> Reply:
        return self.call("UpdateTask", {"state": {"id": task["id"], "startedAt": "2026-11-24T08:23:52Z"}})

    def end(self, task: dict[str, Any], result: str = "RESULT_SUCCESS", **more: Any) -> Reply:
        state = {"id": task["id"], "result": result, "stoppedAt": "2026-11-24T08:23:53Z"}
        return self.call("UpdateTask", {"state": state, **more})

    def run_one(self, result: str = "RESULT_SUCCESS") -> dict[str, Any]:
        """Take the next job and end it."""
        task = self.fetch()
        assert task is not None, "there was no job to take"
        assert self.end(task, result).status == 200
        return task


class Receiver:
    """Hears webhooks. `status` and `pause` say how it answers."""

    def __init__(self) -> None:
        self.heard: list[WebhookEvent] = []
        self.status, self.pause = 200, 0.0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.heard.append(WebhookEvent(dict(self.headers), body, time.time()))
                time.sleep(receiver.pause)
                self.send_response(receiver.status)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def told(self, event: str = "workflow_job") -> list[tuple[str, int]]:
        """What came of one event: (action or action/conclusion, id), in order."""
        return [(heard.what, heard.id) for heard in list(self.heard) if heard.event == event]

    def wait_for(
        self,
        what: str,
        job_id: int | None = None,
        count: int = 1,
        event: str = "workflow_job",
        patience: float = PATIENCE,
    ) -> None:
        def came() -> bool:
            fitting = [one for one in self.told(event) if one[0] == what and job_id in (None, one[1])]
            return len(fitting) >= count

        try:
            until(came, patience)
        except AssertionError:
            raise AssertionError(f"no {count} {what} of {job_id}; there were {self.told(event)}") from None


@dataclass
class WebhookEvent:
    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def payload(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def event(self) -> str:
        return self.headers["X-Gitea-Event"]

    @property
    def about(self) -> dict[str, Any]:
        return self.payload.get("workflow_job") or self.payload.get("workflow_run") or {}

    @property
    def id(self) -> int:
        return self.about.get("id", 0)

    @property
    def what(self) -> str:
        conclusion = self.about.get("conclusion")
        return self.payload.get("action", "") + (f"/{conclusion}" if conclusion else "")


@dataclass
class Place:
    """An organization with one repository, its owner's token, and a way to push."""

    forge: Forge
    org: str
    owner: str
    token: str
    push_token: str

    @property
    def repo(self) -> str:
        return f"/repos/{self.org}/app"

    def get(self, path: str) -> Reply:
        return self.forge.api("GET", path, token=self.token)

    def jobs(self, query: str = "") -> list[dict[str, Any]]:
        reply = self.get(f"/orgs/{self.org}/actions/jobs{query}")
        assert reply.status == 200, reply.raw
        return reply.json["jobs"]

    def job(self, job_id: int) -> dict[str, Any]:
        return self.get(f"{self.repo}/actions/jobs/{job_id}").json

    def push(self, workflow: str, name: str = "ci.yml", **more: Any) -> list[dict[str, Any]]:
        """Write the workflow; the jobs of the newest run."""
        self.write({f".gitea/workflows/{name}": workflow}, **more)
        jobs = self.jobs()
        return [job for job in jobs if job["run_id"] == jobs[-1]["run_id"]] if jobs else []

    def write(self, files: dict[str, str], **more: Any) -> Reply:
        changes = [
            {"operation": "upload", "path": path, "content": base64.b64encode(text.encode()).decode()}
            for path, text in files.items()
        ]
        reply = self.forge.api("POST", f"{self.repo}/contents", {"files": changes, **more}, self.push_token)
        assert reply.status == 201, reply.raw
        return reply

    def hook(self, receiver: Receiver, *events: str, **more: Any) -> dict[str, Any]:
        config = {"url": receiver.url, "content_type": "json", "secret": "s3cret"}
        form = {"type": "gitea", "active": True, "events": list(events), "config": config, **more}
        reply = self.forge.api("POST", f"/orgs/{self.org}/hooks", form, self.token)
        assert reply.status == 201, reply.raw
        return reply.json

    def registration_token(self) -> str:
        path = f"/orgs/{self.org}/actions/runners/registration-token"
        return self.forge.api("POST", path, token=self.token).json["token"]

    def runner(self, *labels: str, ephemeral: bool = True, name: str = "r") -> Runner:
        body = {"name": name, "token": self.registration_token(), "labels": labels, "ephemeral": ephemeral}
        made = self.forge.call("POST", f"{RUNNER_CALLS}/Register", body).json["runner"]
        return Runner(self.forge, int(made["id"]), made["uuid"], made["token"])

    def runners(self) -> list[dict[str, Any]]:
        return self.get(f"/orgs/{self.org}/actions/runners").json["runners"]

    def cancel(self, run_id: int) -> Reply:
        return self.forge.api("POST", f"{self.repo}/actions/runs/{run_id}/cancel", token=self.push_token)

    def rerun(self, run_id: int) -> Reply:
        return self.forge.api("POST", f"{self.repo}/actions/runs/{run_id}/rerun", token=self.push_token)


def a_place(forge: Forge, name: str) -> Place:
    owner = f"{name}-owner"
    forge.control("POST", "/users", {"name": owner})
    forge.control("POST", "/orgs", {"name": name, "owner": owner})
    forge.control("POST", "/repos", {"owner": name, "name": "app"})
    return Place(forge, name, owner, forge.token(owner, *LINK), forge.token(owner, "write:repository"))


def one_job(runs_on: str = "small", **more: str) -> str:
    """A workflow with a single job of one step."""
    lines = "".join(f"    {key}: {value}\n" for key, value in more.items())
    head = f"name: ci\non: [push]\njobs:\n  build:\n    runs-on: {runs_on}\n"
    return f"{head}{lines}    steps:\n    - run: echo hi\n"
