"""HTTP and JSON around the routes: authentication, routing, answers and errors."""

import hmac
import json
import logging
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

from practice.grid import accounts
from practice.grid.acts import NoAnswer
from practice.grid.book import Account, InsufficientFunds
from practice.grid.grid import Grid

LARGEST_BODY = 4 * 2**20
IDLE = 60  # seconds that a connection may wait for its next request

log = logging.getLogger(__name__)


class Problem(Exception):
    """The request can't be answered; the text is for a person."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass
class Request:
    """One call. `account` is set for account routes, `parts` are the pieces of the path."""

    grid: Grid
    parts: dict[str, str]
    query: dict[str, str]
    body: dict[str, Any]
    bearer: str  # the secret that came along, or ""
    account: Account | None = None

    @property
    def caller(self) -> Account:
        """The authenticated account, on account routes."""
        if self.account is None:
            raise LookupError("this is no account route")
        return self.account


@dataclass
class Reply:
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Route:
    method: str
    pattern: re.Pattern[str]
    audience: str  # public, account or control
    answer: Callable[[Request], Any]


ROUTES: list[Route] = []
RouteHandler = TypeVar("RouteHandler", bound=Callable[[Request], Any])


def route(method: str, path: str, audience: str = "public") -> Callable[[RouteHandler], RouteHandler]:
    """Put a function at a path; {name} in it is a piece without a slash."""
    pattern = re.compile(re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", path))

    def register(answer: RouteHandler) -> RouteHandler:
        ROUTES.append(Route(method, pattern, audience, answer))
        return answer

    return register


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, address: tuple[str, int], grid: Grid, control_token: str) -> None:
        self.grid = grid
        self.control_token = control_token
        super().__init__(address, Handler)


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = IDLE

    def do_GET(self) -> None:
        try:
            self._send(HTTPStatus.OK, self._answer())
        except NoAnswer as no_answer:
            time.sleep(no_answer.seconds)
            self.close_connection = True
        except InsufficientFunds as error:
            self._send(HTTPStatus.PAYMENT_REQUIRED, Reply({"error": str(error)}))
        except Problem as problem:
            self._send(problem.status, Reply({"error": str(problem)}))
        except Exception:
            log.exception("%s %s", self.command, urlsplit(self.path).path)
            self._send(HTTPStatus.INTERNAL_SERVER_ERROR, Reply({"error": "the simulated grid broke"}))

    do_POST = do_DELETE = do_GET

    def _answer(self) -> Reply:
        body = self._body()
        address = urlsplit(self.path)
        found, parts = self._route(address.path)
        request = Request(self.server.grid, parts, dict(parse_qsl(address.query)), body, self._bearer())
        if found.audience == "account":
            request.account = self._account()
        if found.audience == "control":
            self._check_control()
        answer = found.answer(request)
        return answer if isinstance(answer, Reply) else Reply(answer)

    def _route(self, path: str) -> tuple[Route, dict[str, str]]:
        for candidate in ROUTES:
            match = candidate.pattern.fullmatch(path)
            if match and candidate.method == self.command:
                return candidate, match.groupdict()
        raise Problem(HTTPStatus.NOT_FOUND, f"there is no {self.command} {path}")

    def _body(self) -> dict[str, Any]:
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or int(length) > LARGEST_BODY:
            self.close_connection = True
            raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "the request is too large")
        text = self.rfile.read(int(length))
        try:
            body = json.loads(text or b"{}")
        except (ValueError, RecursionError):
            raise Problem(HTTPStatus.BAD_REQUEST, "the request is not JSON") from None
        if not isinstance(body, dict):
            raise Problem(HTTPStatus.BAD_REQUEST, "the request is not a JSON object")
        return body

    def _account(self) -> Account:
        account = accounts.find(self.server.grid, self._bearer())
        if account is None:
            raise Problem(HTTPStatus.UNAUTHORIZED, "no account has this mnemonic")
        return account

    def _check_control(self) -> None:
        if not hmac.compare_digest(self._bearer().encode(), self.server.control_token.encode()):
            raise Problem(HTTPStatus.UNAUTHORIZED, "this is not the control token")

    def _bearer(self) -> str:
        scheme, _, secret = self.headers.get("Authorization", "").partition(" ")
        return secret.strip() if scheme == "Bearer" else ""

    def _send(self, status: int, reply: Reply) -> None:
        text = json.dumps(reply.body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **reply.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        log.debug(format, *args)
