"""Every kind of forge, running, with hands on all its sides: the ground of the contract suite.

A new kind is a harness (a class with the verbs of GiteaOrg for each level that it has) and one line in KINDS. Which
protocols it implements, its `client` says; what else it has, the harness says in `has`. A test that needs something is
not made for kinds without it.
"""

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.contracts.forgejo_harness import ForgejoConnection, ForgejoForge, ForgejoRepo, ForgejoUser
from tests.contracts.gitea_harness import GiteaConnection, GiteaInstance, GiteaRepo, GiteaUser, PracticeForge
from tests.contracts.github_harness import GitHubConnection, GitHubForge, GitHubRepo
from tests.contracts.hutch_harness import HutchConnection, HutchForge
from tests.contracts.woodpecker_harness import WoodpeckerConnection, WoodpeckerForge, WoodpeckerInstance

KINDS = {
    "gitea": (PracticeForge, (GiteaConnection, GiteaUser, GiteaRepo, GiteaInstance)),
    "github": (GitHubForge, (GitHubConnection, GitHubRepo)),
    "forgejo": (ForgejoForge, (ForgejoConnection, ForgejoUser, ForgejoRepo)),
    "woodpecker": (WoodpeckerForge, (WoodpeckerConnection, WoodpeckerInstance)),
    "hutch": (HutchForge, (HutchConnection,)),
}
LEVELS = [(kind, level) for kind, (_, levels) in KINDS.items() for level in levels]


def has(*what):
    """A test for kinds alone that have all of it."""

    def decorate(test):
        test.needs = frozenset(what)
        return test

    return decorate


def implements(*protocols):
    """A test for kinds alone whose clients implement all of these."""

    def decorate(test):
        test.protocols = protocols
        return test

    return decorate


def levels_for(needs=frozenset(), protocols=()):
    """Those that have and implement all of it, each with a name for its tests."""
    able = [
        (kind, level)
        for kind, level in LEVELS
        if needs <= level.has and all(issubclass(level.client, protocol) for protocol in protocols)
    ]
    return able, [f"{kind}-{level.level}" for kind, level in able]


def eventually(look, seconds=15.0):
    """What `look` returns, as soon as that is something."""
    until = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < until, f"not within {seconds} s"
        time.sleep(0.05)
    return seen


def queued(driver, connection, *labels, **fields):
    """The job of a fresh push that asks for these labels."""
    before = {job.job_id for job in driver.waiting_jobs()}
    connection.push({"build": {"runs-on": list(labels), **fields}})
    return eventually(lambda: [job for job in driver.waiting_jobs() if job.job_id not in before])[0]


def on_a_runner(driver, connection, job, name="vm-1"):
    """The job taken by a runner that was made for it: (registration, engine)."""
    registration = driver.register(name, job.labels, job.handle)
    engine = connection.engine(driver.order(registration.credential, job.labels))
    eventually(engine.take)
    return registration, engine


def ended(driver, job):
    """The job, once its forge says that it is over."""
    look = lambda: (now := driver.job(job.repository, job.run_id, job.job_id)).status == "completed" and now  # noqa: E731
    return eventually(look)


class Receiver:
    """A webhook's other end: keeps (headers, body) of each delivery, and knows nothing else."""

    def __init__(self):
        self.deliveries = []
        receiver = self

        class Door(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.deliveries.append((dict(self.headers), body))
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def do_GET(self):
                self.send_error(404)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.address = f"http://127.0.0.1:{self._server.server_port}/hook"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()
