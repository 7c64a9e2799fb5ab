"""One HTTP call, against servers that do what they should not."""

import socket
import threading

import pytest

from farmhand_agent import http_call

GOOD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@pytest.fixture
def server():
    """answers(bytes) -> address of one that reads a request and says just that; `heard` has the request."""
    listening = socket.create_server(("127.0.0.1", 0))
    heard = []

    def answers(data, linger=0.0):
        def serve():
            call, _ = listening.accept()
            with call:
                heard.append(call.recv(65536))
                call.sendall(data)
                threading.Event().wait(linger)

        threading.Thread(target=serve, daemon=True).start()
        return f"http://127.0.0.1:{listening.getsockname()[1]}/below/agent/beat", heard

    yield answers
    listening.close()


def test_a_whole_answer_is_read(server):
    address, heard = server(GOOD)
    assert http_call.post(address, b'{"a":1}', {"Authorization": "Bearer 7.k"}, 5) == (200, b"{}")
    head, _, body = heard[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /below/agent/beat HTTP/1.0\r\n")
    assert b"Content-Length: 7" in head and b"Authorization: Bearer 7.k" in head
    assert body == b'{"a":1}'


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}",
        b"HTTP/1.1 abc\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.9\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * (http_call.HEAD_LIMIT + http_call.ANSWER_LIMIT),
    ],
)
def test_half_an_answer_or_none_or_too_much_is_broken(server, data):
    address, _ = server(data)
    with pytest.raises((http_call.Broken, ConnectionError)):
        http_call.post(address, b"", {}, 5)


@pytest.mark.parametrize(
    "data, answer", [(GOOD, (200, b"{}")), (b"HTTP/1.1 204 No Content\r\n\r\n", (204, b""))]
)
def test_a_line_that_stays_open_after_the_answer_is_not_waited_for(server, data, answer):
    address, _ = server(data, linger=30)
    assert http_call.post(address, b"", {}, 10) == answer


@pytest.mark.parametrize("data", [b"", b"HTTP/1.1 200 OK\r\n\r\n{}", GOOD[:-1]])
def test_an_answer_that_never_ends_is_given_up(server, data):
    address, _ = server(data, linger=30)
    with pytest.raises(TimeoutError):
        http_call.post(address, b"", {}, 0.3)


@pytest.mark.parametrize(
    "host, name, port",
    [
        ("ci.example.org", "ci.example.org", 80),
        ("10.0.2.2:8400", "10.0.2.2", 8400),
        ("[fd00::1]", "fd00::1", 80),
        ("[fd00::1]:8400", "fd00::1", 8400),
    ],
)
def test_an_address_has_a_name_and_a_port(host, name, port):
    assert http_call.endpoint(host, 80) == (name, port)
