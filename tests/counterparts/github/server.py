"""The sockets: REST below /api/v3, the sign-in, logs, and what engines speak. Its browser pages are deeds of people."""

import contextlib
import hashlib
import json
import secrets
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from tests.counterparts.github import access, people, rest_apps, rest_places, rest_runs, routes
from tests.counterparts.github.actions import Actions
from tests.counterparts.github.errors import Refusal, not_found
from tests.counterparts.github.faults import Faults
from tests.counterparts.github.limits import Limits
from tests.counterparts.github.postman import Postman
from tests.counterparts.github.scale_sets import SERVICE, Service
from tests.counterparts.github.world import App, World

REST = "/api/v3"
OPEN = ("/app-manifests/", "/meta")  # what needs nobody
PARTS = (rest_apps, rest_places, rest_runs)  # imported for their routes


class GitHub:
    """One GitHub, served until stop(). `policy` of ours has to allow its url."""

    def __init__(self, home=None):
        self.world, self.faults = World(), Faults()
        self.limits = Limits(self.world.clock)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _door(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.postman = Postman(self.world, self.faults, self.url)
        self.scale_sets = Service(self.world, self.url)
        self.actions = Actions(self.world, self.postman, self.url, self.scale_sets)
        self.people = people.People(self)
        self.calls: dict[str, int] = {}
        self.late_calls = 0  # with a token that had ended
        self.minted: dict[int, int] = {}  # installation -> tokens
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    with_faults = property(lambda self: self.faults.with_faults)

    @contextlib.contextmanager
    def version(self, version):
        before, self.world.version = self.world.version, version
        try:
            yield
        finally:
            self.world.version = before

    def stop(self):
        self.postman.stop()
        self._server.shutdown()
        self._server.server_close()

    # One call

    def rest(self, method, path, query, headers, body):
        """(status, headers, body as JSON or None)"""
        found = routes.find(method, path)
        told = {}
        try:
            who = (
                None if path.startswith(OPEN) and not headers.get("Authorization") else self._caller(headers)
            )
            if who and (refused := self._limited(who, method)):
                status, told, message = refused
                raise Refusal(status, message)
            told = self.limits.headers(key(who)) if who else {}
            if found is None:
                raise not_found()
            written, answer, parts = found
            self.calls[f"{method} {written}"] = self.calls.get(f"{method} {written}", 0) + 1
            call = routes.Call(self, who, query, body)
            with self.world.lock:
                status, said = answer(call, **parts)
            if ends := getattr(who, "expires_at", None) and who.kind == "personal" and who.expires_at:
                told["GitHub-Authentication-Token-Expiration"] = f"{ends:%Y-%m-%d %H:%M:%S} UTC"
            return status, told | call.headers, said
        except Refusal as refusal:
            return refusal.status, told | refusal.headers, refusal.body()

    def _caller(self, headers):
        words = headers.get("Authorization", "").partition(" ")[2]
        token = self.world.tokens.get(words)
        if token and token.expires_at and token.expires_at <= self.world.clock.now():
            self.late_calls += 1
        return access.caller(self.world, headers)

    def _limited(self, who, method):
        account = self.limits.of(key(who))
        if getattr(who, "kind", "") == "installation" and account.used % 100 == 0:  # now and then will do
            there = len(rest_apps.covered(self.world, who.installation))
            account.limit = min(12_500, 5000 + 50 * max(0, there - 20))
        return self.limits.spend(key(who), method)

    def conditional(self, who_headers, status, body, asked):
        """(status, body, ETag): 304 where the caller has it already."""
        etag = f'W/"{hashlib.sha256(body).hexdigest()}"'
        if status == 200 and asked == etag:
            with contextlib.suppress(Refusal):
                self.limits.give_back(key(access.caller(self.world, who_headers)))
            return 304, b"", etag
        return status, body, etag

    def engine(self, verb, said):
        """What stands in for the runner program's protocol: take, say, finish."""
        runner = next((one for one in self.world.runners.values() if one.key == said["key"]), None)
        if runner is None:
            return 404, {"message": "this runner is not registered"}
        if verb == "take":
            job = self.actions.take(runner)
            return 200, {"job": job and job.id}
        if verb == "say":
            job = next(one for one in self.world.jobs.values() if one.runner is runner)
            job.log += said["lines"]
            return 200, {}
        self.actions.finish(runner, said["result"])
        return 200, {}

    def blob(self, job_id):
        job = self.world.jobs[int(job_id)]
        return "".join(f"2026-01-01T00:00:00.0000000Z {line}\n" for line in job.log).encode()

    def code(self, what, seconds):
        """A one-time code for that."""
        made = secrets.token_hex(10)
        self.world.codes[made] = (what, self.world.clock.seconds() + seconds)
        return made


def key(who):
    """Whose limit a call counts against."""
    if isinstance(who, App):
        return f"app {who.id}"
    return f"installation ID {who.installation.id}" if who.kind == "installation" else f"user {who.login}"


def _door(github):
    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _answer(self):
            try:
                asked = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if status := github.faults.before():
                    return self._send(status, {}, b"Bad Gateway")
                answer = self._looked_up(urlsplit(self.path), asked)
                github.faults.after()
                self._send(*answer)
            except (ConnectionAbortedError, BrokenPipeError, ConnectionResetError):
                self.close_connection = True

        def _looked_up(self, address, asked):
            query = dict(parse_qsl(address.query))
            if address.path == f"{REST}/actions/runner-registration" and self.command == "POST":
                return github.scale_sets.registered(self.headers, json.loads(asked))
            if address.path.startswith(SERVICE):
                path = address.path.removeprefix(SERVICE)
                return github.scale_sets.answer(self.command, path, query, self.headers, asked)
            if address.path.startswith(REST):
                body = json.loads(asked) if asked else {}
                rest = github.rest(self.command, address.path.removeprefix(REST), query, self.headers, body)
                status, headers, said = rest
                packed = b"" if said is None else json.dumps(said).encode()
                wanted = self.headers.get("If-None-Match")
                if self.command == "GET":
                    status, packed, etag = github.conditional(self.headers, status, packed, wanted)
                    headers = headers | {"ETag": etag}
                return status, headers, packed
            if address.path == "/login/oauth/access_token":
                form = json.loads(asked) if asked.startswith(b"{") else dict(parse_qsl(asked.decode()))
                return 200, {}, json.dumps(rest_apps.authorised(github, form)).encode()
            if address.path.startswith("/_blobs/"):
                if self.headers.get("Authorization"):
                    return 400, {}, b"only one way to sign in"  # as the storage behind GitHub says
                return 200, {}, github.blob(address.path.rpartition("/")[2])
            if address.path.startswith("/_engine/"):
                status, said = github.engine(address.path.rpartition("/")[2], json.loads(asked))
                return status, {}, json.dumps(said).encode()
            return 404, {}, b"<html>"

        def _send(self, status, headers, body):
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if status not in (204, 304):
                self.wfile.write(body)

        do_GET = do_POST = do_DELETE = do_PATCH = _answer  # noqa: N815

        def log_message(self, *_):
            pass

    return Door
