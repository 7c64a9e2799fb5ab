"""A call is bounded in time and size, and an answer that is broken says so."""

import socket
import threading
import time

import pytest

from tests.core.test_http_client import PRIVATE, always, ok, serve, trickle
from tfci.core.http_client import Broken, Client, TimedOut, TooLarge
from tfci.core.permits import SLOW, CallLimits, Hosts, Permits

__all__ = ["serve"]


# Bounds


@pytest.mark.parametrize(
    "talk",
    [
        lambda stream, head: time.sleep(1),
        trickle(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 100),
        trickle(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b"a" * 100),
    ],
    ids=["silence", "slow head", "slow body"],
)
def test_a_call_ends_at_its_time_however_it_is_drawn_out(serve, talk):
    server = serve(talk)
    began = time.monotonic()
    with pytest.raises(TimedOut, match="did not answer in time"):
        Client(server.url, PRIVATE, timeout=0.4).request("GET", "/")
    assert 0.3 < time.monotonic() - began < 1.5


def test_a_call_with_a_permit_ends_at_the_permits_time_and_its_host_is_then_slow(serve):
    hosts, server = Hosts(), serve(trickle(ok(b"{}" * 500)))
    limits = CallLimits(all=1, team=1, slow=1, slow_host=1, seconds=SLOW + 0.1)
    began = time.monotonic()
    with Permits(limits, hosts).call("a team", server.url), pytest.raises(TimedOut):
        Client(server.url, PRIVATE, timeout=60).request("GET", "/")
    assert (time.monotonic() - began < 10, hosts.is_slow(server.url)) == (True, True)


def test_a_slow_name_service_counts_as_time(monkeypatch):
    release = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: release.wait(5) and [])
    with pytest.raises(TimedOut):
        Client("http://slow.test", PRIVATE).request("GET", "/", timeout=0.2)
    release.set()


def test_a_connection_is_usable_after_a_call_that_timed_out(serve):
    server = serve(lambda stream, head: time.sleep(1))
    client = Client(server.url, PRIVATE)
    with pytest.raises(TimedOut):
        client.request("GET", "/", timeout=0.1)
    server.talk = always(ok())
    assert client.request("GET", "/").status == 200


@pytest.mark.parametrize(
    "answer",
    [
        ok(b"a" * 2000),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"400\r\n"
        + b"a" * 1024
        + b"\r\n1\r\na\r\n0\r\n\r\n",
        b"HTTP/1.1 500 Oops\r\nConnection: close\r\n\r\n" + b"a" * 2000,
    ],
    ids=["declared", "chunked", "error without a length"],
)
def test_an_answer_that_is_too_large_is_cut_off(serve, answer):
    server = serve(always(answer))
    with pytest.raises(TooLarge, match="more than 1 KiB"):
        Client(server.url, PRIVATE, max_bytes=1024).request("GET", "/")


def test_an_answer_of_just_the_allowed_size_is_read(serve):
    server = serve(always(ok(b"a" * 1024)))
    assert len(Client(server.url, PRIVATE, max_bytes=1024).request("GET", "/").body) == 1024


# Broken peers


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2p1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Length: nine\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 200_000 + b"\r\n\r\n",
        b"",
    ],
    ids=["another protocol", "cut short", "nonsense length", "huge head", "nothing"],
)
def test_a_broken_answer_is_said_to_be_one(serve, answer):
    def talk(stream, head):
        stream.sendall(answer)
        stream.close()

    server = serve(talk)
    with pytest.raises(Broken, match="did not answer properly"):
        Client(server.url, PRIVATE).request("GET", "/")


def test_a_compressed_answer_is_refused_unread(serve):
    server = serve(always(ok(b"\x1f\x8b", headers="Content-Encoding: gzip\r\n")))
    with pytest.raises(Broken, match="compressed"):
        Client(server.url, PRIVATE).request("GET", "/")


def test_a_port_where_nobody_listens_is_broken(serve):
    with socket.create_server(("127.0.0.1", 0)) as vacated:
        address = f"http://127.0.0.1:{vacated.getsockname()[1]}"
    with pytest.raises(Broken, match="Connection refused"):
        Client(address, PRIVATE).request("GET", "/")


def test_a_name_that_nobody_knows_is_broken():
    with pytest.raises(Broken, match="has no address"):
        Client("http://nobody.invalid", PRIVATE).request("GET", "/")


@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff", b"[" * 100_000, b'{"a": "\\ud800"}'])
def test_a_body_that_is_not_json_is_broken(serve, body):
    server = serve(always(ok(body)))
    with pytest.raises(Broken, match="not JSON"):
        Client(server.url, PRIVATE).request("GET", "/").json()


def test_an_answer_does_not_show_its_body_when_printed(serve):
    server = serve(always(ok(b'{"token": "s3cret"}')))
    assert "s3cret" not in repr(Client(server.url, PRIVATE).request("GET", "/"))
