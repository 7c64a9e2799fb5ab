"""The whole product in a folder of its own, started as `make run` does it, for a test to hurt."""

import base64
import json
import os
import random
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import psycopg

from tfci.management.up import ports, postgres
from tfci.management.up.grid import FOLDERS
from tfci.management.up.home import Home
from tfci.management.up.waiting import until

ROOT = Path(__file__).resolve().parents[2]
UP = [sys.executable, "-m", "tfci.management.up"]
REPO = "practice/storm"
PACE = {"chain_latency": 0.2, "boot": 0.1}  # seconds; a grid that was killed has forgotten them
WORDS = {"postgres": "bin/postgres", "valkey": "valkey-server", "grid": "practice.grid"}


class Product:
    """What it does is seen from outside: its processes, its database, the grid's journal, the forge."""

    GRID = "simulated"

    def __init__(self, folder: Path, **settings: str) -> None:
        self.home, self.said = Home(folder / "home"), folder / "said"
        self.grid_home = self.home.folder / FOLDERS[self.GRID]
        self._environment = os.environ | {
            "FARMHAND_HOME": str(self.home.folder),
            "FARMHAND_PORT": str(next(ports.free())),
            "FARMHAND_GRID": self.GRID,
            "FARMHAND_GRANT": "100000",
            **settings,
        }

    @property
    def port(self) -> int:
        return int(self._environment["FARMHAND_PORT"])

    def start(self) -> None:
        """Returns when it is ready."""
        with open(self.said, "w") as said:
            self._process = subprocess.Popen(UP, cwd=ROOT, env=self._environment, stdout=said, stderr=said)
        ready = self.home.ready_file
        until(lambda: ready.exists() or self._process.poll() is not None, 240, "ready.json")
        assert self._process.poll() is None, self.said.read_text()
        self._grid = json.loads((self.grid_home / "ready.json").read_text())
        self._forge = json.loads((self.home.folder / "forge" / "forge.json").read_text())
        self._ready = json.loads(ready.read_text())
        self._hurry()
        owner, _, name = REPO.partition("/")
        self.at_forge("POST", "/repos", {"owner": owner, "name": name})

    def end(self) -> int:
        """As Ctrl-C does it. Returns the exit code."""
        self._process.send_signal(signal.SIGINT)
        try:
            return self._process.wait(60)
        finally:
            self._process.kill()

    def api(self, method: str, path: str, body: dict | None = None) -> dict:
        """A call of the product's own API, as the demo team."""
        return call(method, f"{self._ready['url']}/api/v1{path}", self._ready["api_token"], body)

    def at_grid(self, method: str, path: str, body: dict | None = None) -> dict:
        """A call of the simulated grid's control."""
        return call(method, f"{self._grid['url']}/control{path}", self._grid["control_token"], body)

    def at_forge(self, method: str, path: str, body: dict | None = None) -> dict:
        """A call of the practice forge's control."""
        return call(method, f"{self._forge['url']}/practice{path}", self._forge["control_token"], body)

    def push(self, name: str, text: str) -> None:
        """A new workflow, tried again when the forge answers as it was told to: with 500."""
        url = f"{self._forge['url']}/api/v1/repos/{REPO}/contents/.gitea/workflows/{name}.yml"
        body = {"content": base64.b64encode(text.encode()).decode(), "message": f"Add {name}"}
        for chance in range(20):
            try:
                call("POST", url, self._forge["push_token"], body)
                return
            except urllib.error.HTTPError as error:
                if error.code != 500 or chance == 19:
                    raise

    def runners(self) -> list[str]:
        """The names of all runners that the forge has."""
        url = f"{self._forge['url']}/api/v1/orgs/{self._forge['org']}/actions/runners"
        return [runner["name"] for runner in call("GET", url, self._forge["token"])["runners"]]

    def journal(self) -> list[dict]:
        """All that happened on the grid."""
        with open(self.grid_home / "journal.jsonl") as lines:
            return [json.loads(line) for line in lines if line.endswith("\n")]

    def vms(self) -> list[str]:
        """What there is of VMs on this host."""
        return [path.name for path in (self.grid_home / "machines").iterdir()]

    def sql(self, query: str, *values: object) -> list[tuple]:
        """Rows of the product's database; none of a command that has none."""
        with psycopg.connect(postgres.url(self.home.sockets), autocommit=True) as database:
            cursor = database.execute(query, values)
            return cursor.fetchall() if cursor.description else []

    def kill(self, name: str, dice: random.Random) -> str:
        """One process of this child, or the child itself, dies without a word. Returns which."""
        child = next((pid for pid in _children(self._process.pid) if _is(pid, name)), 0)
        if not child:
            return f"{name}: is being started again"
        victim = child if name == "grid" else dice.choice([child, *_children(child)])
        os.kill(victim, signal.SIGKILL)
        if name == "grid":
            until(self._hurry, 60, "the grid to come back")
        return f"{name}: {victim}{'' if victim == child else f', of {child}'}"

    def _hurry(self) -> bool:
        """Give the grid its pace. False when it does not answer."""
        try:
            self.at_grid("POST", "/pace", PACE)
        except OSError:
            return False
        return True

    def dump(self) -> str:
        """What one needs to see why it does not go on."""
        parts = [f"{title}\n" + "\n".join(map(str, self.sql(query))) for title, query in QUESTIONS.items()]
        parts += [f"{log}\n{_last_lines(log)}" for log in [self.said, *sorted(self.home.logs.glob("*.log"))]]
        return "\n\n".join(parts)


QUESTIONS = {
    "VMs that are not gone": "SELECT id, state, state_changed_at, reason, next_step_at, leased_until, sent_at,"
    " removed_at FROM runners_vm WHERE state <> 'gone' ORDER BY id",
    "Jobs that did not end": "SELECT id, name, state, reason, vm_id, awaits_id, offers, next_offer_at, read_at"
    " FROM runners_job WHERE state <> 'completed' ORDER BY id",
    "Ends": "SELECT reason, count(*) FROM runners_event WHERE now = 'removing' GROUP BY reason ORDER BY 2 DESC",
    "Twins": "SELECT id, signing, signing_until, problem, problem_params, now() FROM billing_twin",
    "Organisations": "SELECT id, next_poll_at, last_polled_at, limited_until, problems FROM forges_connection",
}


def call(method: str, url: str, token: str, body: dict | None = None) -> dict:
    """JSON to and from a program of the practice world."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(
        urllib.request.Request(url, data, headers, method=method), timeout=20
    ) as answer:
        return json.loads(answer.read() or b"{}")


def _children(pid: int) -> list[int]:
    try:
        return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


def _is(pid: int, name: str) -> bool:
    """Whether this process is the child of that name."""
    try:
        if name in WORDS:
            return WORDS[name].encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
        return f"FARMHAND_PROCESS={name}".encode() in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return False


def _last_lines(log: Path, count: int = 15) -> str:
    return "\n".join(line[:400] for line in log.read_text(errors="replace").splitlines()[-count:])
