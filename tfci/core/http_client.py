"""The only HTTP client: bounded in time and size, and safe with an address that a user entered.

A name is looked up once for each new connection, every address it has is checked, and the connection goes to
one of those. No redirect is followed, no proxy of the environment used, no cookie kept, nothing unpacked.
"""

import functools
import ipaddress
import os
import posixpath
import queue
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import httpcore
import httpx
import msgspec

from tfci.core import permits
from tfci.core.optional import present
from tfci.core.untyped import Json

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

MIB = 2**20
HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "farmhand"}
NAME = re.compile(r"(?!.*\.\.)[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?")
NUMBER = re.compile(r"(\d+|0x[0-9a-f]*)")
ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
UNRESERVED = re.compile(r"[A-Za-z0-9._~-]")
CONTROL = re.compile(r"%[01][0-9A-Fa-f]|%7[Ff]")

PORTS = {"http": 80, "https": 443}
LOOPBACK = ("127.0.0.0/8", "::1")
LOCAL = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
SHARED = ("100.64.0.0/10",)  # behind a provider's NAT
PRIVATE = [ipaddress.ip_network(text) for text in (*LOOPBACK, *LOCAL, *SHARED)]
MYCELIUM = ipaddress.ip_network("400::/7")  # an overlay network; Python calls the range reserved
UNICAST = ipaddress.ip_network(
    "2000::/3"
)  # all that IANA has given to hosts: what lies outside is no server's
# What Python calls global and no server has (IANA's special-purpose registries): 6to4 and Teredo, which carry an IPv4
# address past our check, 6to4's relays, addresses of documents.
SPECIAL = [ipaddress.ip_network(text) for text in ("2002::/16", "2001::/32", "192.88.99.0/24", "3fff::/20")]


class FetchError(Exception):
    """No usable answer; str() is a sentence for a person."""


class BadAddress(FetchError):
    """The address is not one that we call."""


class TimedOut(FetchError):
    """The answer was not complete in time."""


class TooLarge(FetchError):
    """The answer was larger than allowed."""


class Broken(FetchError):
    """No connection, or no proper answer on it."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Which addresses may be called, and whom to trust beside the public certificate authorities."""

    allow_private: bool = False
    allowed_origins: frozenset[str] = frozenset()  # may be private; spelled as origin() does
    authority: str = ""  # certificates as PEM


Plain: TypeAlias = str | int | float | bool | None
Params: TypeAlias = Mapping[str, str | int] | list[tuple[str, Plain]]


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, whatever its status. Header names are case-insensitive."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    def json(self) -> Json:
        """The body read as JSON. Raises Broken."""
        try:
            return msgspec.json.decode(self.body)
        except (ValueError, RecursionError):
            raise Broken("The answer is not JSON.") from None


def origin(url: str) -> str:
    """Scheme, host and port in one spelling: "https://git.example.org". Raises BadAddress."""
    return _origin(_parse(url))


def address(url: str) -> str:
    """The origin, and the path below it in one spelling: "https://example.org/git". Raises BadAddress."""
    parts = _parse(url)
    path = ESCAPE.sub(_unescaped, parts.raw_path.decode())
    return _origin(parts) + posixpath.normpath(re.sub("//+", "/", f"/{path}")).rstrip("/")


def _origin(parts: httpx.URL) -> str:
    host = parts.raw_host.decode().removesuffix(".")
    if literal := _literal(host):
        host = str(getattr(literal, "ipv4_mapped", None) or literal)
    shown = f"[{host}]" if ":" in host else host
    port = "" if parts.port in (None, PORTS[parts.scheme]) else f":{parts.port}"
    return f"{parts.scheme}://{shown}{port}"


def _unescaped(escape: re.Match[str]) -> str:
    """A character that needs no escape as itself, every other by capitals (RFC 3986, 6.2.2)."""
    character = chr(int(escape[1], 16))
    return character if UNRESERVED.fullmatch(character) else escape[0].upper()


class Client:
    """Calls one server below `base_url`. Cheap to make: connections are shared by origin and policy."""

    def __init__(
        self,
        base_url: str,
        policy: Policy,
        *,
        timeout: float = 10.0,
        max_bytes: int = 4 * MIB,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """`timeout`: seconds for a whole call, first look-up to last byte. Raises BadAddress."""
        self.origin = origin(base_url)
        self.base_url = address(base_url)
        self._timeout = timeout
        self._max_bytes = max_bytes
        self._headers = {**HEADERS, **(headers or {})}
        self._pool = _pool(self.origin, policy)

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Json = None,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Answer:
        """One call, never repeated. Raises BadAddress, TimedOut, TooLarge or Broken."""
        until = time.monotonic() + (self._timeout if timeout is None else timeout)
        until = min(until, permits.deadline())
        request = httpx.Request(
            method,
            self.base_url + path,
            json=json,
            params=params,
            headers={**self._headers, **(headers or {})},
            extensions={"timeout": {"connect": until, "read": until, "write": until}},
        )
        try:
            with permits.exchange():
                return self._answer(request)
        except httpx.TransportError as error:
            raise self._failure(error) from None

    def _answer(self, request: httpx.Request) -> Answer:
        response = self._pool.handle_request(request)
        try:
            return Answer(response.status_code, response.headers, self._body(response))
        finally:
            response.close()

    def _body(self, response: httpx.Response) -> bytes:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise Broken(f"{self.origin} sent an unexpected compressed answer.")
        body = bytearray()
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > self._max_bytes:
                raise TooLarge(f"{self.origin} answered with more than {self._max_bytes // 1024} KiB.")
        return bytes(body)

    def _failure(self, error: httpx.TransportError) -> FetchError:
        if isinstance(error, httpx.TimeoutException):
            return TimedOut(f"{self.origin} did not answer in time.")
        if untrusted := re.search(r"certificate verify failed: ([^(]+)", str(error)):
            return Broken(f"The certificate of {self.origin} is not trusted: {untrusted[1].strip()}.")
        reason = re.sub(r"\[.*?\] *|\(_ssl.*", "", str(error))[:200].strip(" .")
        return Broken(f"{self.origin} did not answer properly: {reason or 'the connection was lost'}.")


def check(address: Address, private: bool, name: str = "") -> None:
    """Raises BadAddress unless it is a public address, or one of a private range and `private` says so.

    `name`: the name that was looked up. Then the error leaves the address out: names of the operator's own network
    are private.
    """
    real = getattr(address, "ipv4_mapped", None) or address
    if any(real in network for network in PRIVATE):
        if not private:
            what = f"{name} leads to" if name else f"{real} is"
            raise BadAddress(
                f"{what} a private address; the operator of this service allows only public ones."
            )
    elif not _public(real):
        raise BadAddress(
            f"{name} leads to an address that no server can have."
            if name
            else f"{real} is not an address that a server can have."
        )


def _public(address: Address) -> bool:
    """Whether a server of the internet, or of Mycelium's, can have this address."""
    if address in MYCELIUM:
        return True
    if not address.is_global or address.is_multicast or any(address in network for network in SPECIAL):
        return False
    return address in UNICAST if address.version == 6 else not address.is_reserved


def _parse(url: str) -> httpx.URL:
    """The URL, once it is sure to be a plain web address."""
    try:
        parts = httpx.URL(url.strip())
        _ = (
            parts.host,
            parts.raw_host.decode(),
        )  # read by whoever calls it: a name that can't be decoded fails here
    except (httpx.InvalidURL, ValueError):
        raise BadAddress("This is not a web address. Enter it like https://git.example.org.") from None
    if parts.scheme not in PORTS:
        raise BadAddress("The address must start with https:// or http://.")
    if parts.userinfo:
        raise BadAddress("Remove the name and password from the address; the token has its own field.")
    if parts.query or parts.fragment:
        raise BadAddress("The address must end before any ? or #.")
    if CONTROL.search(parts.raw_path.decode()):
        raise BadAddress("The address contains a control character. Type it again.")
    if parts.port is not None and not 0 < parts.port < 2**16:
        raise BadAddress("The port must be between 1 and 65535.")
    if not _plain_host(parts.raw_host.decode()):
        raise BadAddress("The address needs a server's name, or its IP address in the usual form.")
    return parts


def _plain_host(host: str) -> bool:
    """False for spellings that name resolvers and browsers read differently, such as 0x7f.1."""
    if _literal(host):
        return True
    name = host.removesuffix(".")
    return bool(NAME.fullmatch(name)) and not NUMBER.fullmatch(name.rpartition(".")[2])


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.removesuffix("."))
    except ValueError:
        return None


@functools.lru_cache(maxsize=512)
def _pool(server: str, policy: Policy) -> "_Pool":
    """The connections to one origin under one policy, safe across threads."""
    private = policy.allow_private or server in policy.allowed_origins
    return _Pool(_trust(policy.authority), _CheckedBackend(private))


os.register_at_fork(after_in_child=_pool.cache_clear)  # two processes must not speak on one connection


@functools.lru_cache(maxsize=64)
def _trust(authority: str) -> ssl.SSLContext:
    context = httpx.create_ssl_context(trust_env=False)
    if authority:
        context.load_verify_locations(cadata=authority)
    return context


class _Pool(httpx.HTTPTransport):
    """httpx's own transport, over connections opened our way. No cookies: two teams may share it."""

    def __init__(self, trust: ssl.SSLContext, backend: httpcore.NetworkBackend) -> None:
        self._pool = httpcore.ConnectionPool(
            ssl_context=trust,
            max_connections=None,  # a thread holds at most one
            max_keepalive_connections=8,
            keepalive_expiry=30,
            network_backend=backend,
        )


class _CheckedBackend(httpcore.SyncBackend):
    """Connects to checked addresses only. Every `timeout` here and below is a point in monotonic time."""

    def __init__(self, private: bool) -> None:
        self._private = private

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = _addresses(host, present(timeout))
        name = "" if _literal(host) else host
        for address in addresses:
            check(address, self._private, name)
        for position, address in enumerate(addresses, start=1):
            try:
                share = _left(present(timeout)) / (len(addresses) - position + 1)
                return _Stream(super().connect_tcp(str(address), port, share, local_address, socket_options))
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if position == len(addresses):
                    raise
        raise httpcore.ConnectError(f"{host} has no address")


class _Stream(httpcore.NetworkStream):
    """A connection whose every wait ends at the call's own end."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(present(timeout)))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(present(timeout)))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, _left(present(timeout))))

    def close(self) -> None:
        self._stream.close()

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


def _addresses(host: str, until: float) -> list[Address]:
    """All addresses of a host, in the resolver's order."""
    if literal := _literal(host):
        return [literal]
    answers: queue.SimpleQueue[list[Address]] = queue.SimpleQueue()
    threading.Thread(target=_look_up, args=(host, answers), daemon=True).start()
    try:
        found = answers.get(timeout=_left(until))  # the resolver itself knows no timeout
    except queue.Empty:
        raise httpcore.ConnectTimeout from None
    if not found:
        raise Broken(f"The name {host} has no address. Check the spelling.")
    return found


def _look_up(host: str, answers: queue.SimpleQueue[list[Address]]) -> None:
    try:
        known = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        known = []
    answers.put(list(dict.fromkeys(ipaddress.ip_address(entry[4][0]) for entry in known)))


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout
    return left
