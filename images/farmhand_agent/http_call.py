"""One HTTP call. http.client would be half of an agent's start: it loads the mail parser and TLS, HTTPS or not."""

import socket
import time

ANSWER_LIMIT = 64 * 1024
HEAD_LIMIT = 16 * 1024


class Broken(Exception):
    """The answer is incomplete or no HTTP."""


def post(address, body, headers, timeout):
    """(status, body). HTTP/1.0, so that no answer comes in chunks. Raises OSError or Broken; no redirects."""
    scheme, _, rest = address.partition("://")
    host, _, path = rest.partition("/")
    head = {"Host": host, "Content-Length": len(body), "Connection": "close", **headers}
    lines = [f"POST /{path} HTTP/1.0", *(f"{name}: {value}" for name, value in head.items())]
    with connect(scheme, host, timeout) as connection:
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        return parse(receive(connection, time.monotonic() + timeout))


def connect(scheme, host, timeout):
    name, port = endpoint(host, 443 if scheme == "https" else 80)
    connection = socket.create_connection((name, port), timeout)
    if scheme != "https":
        return connection
    import ssl

    return ssl.create_default_context().wrap_socket(connection, server_hostname=name)


def endpoint(host, port):
    """(name, port) of an address; an IPv6 address has brackets there."""
    name, colon, digits = host.rpartition(":")
    if not colon or digits.endswith("]"):
        name, digits = host, port
    return name.strip("[]"), int(digits)


def receive(connection, end):
    """The whole answer. If its length is known, don't wait for the connection to close: proxies may not close it."""
    data = b""
    while not whole(data) and (chunk := connection.recv(65536)):
        data += chunk
        if len(data) > HEAD_LIMIT + ANSWER_LIMIT or time.monotonic() > end:
            raise Broken("it is too long")
    return data


def whole(data):
    head, end, body = data.partition(b"\r\n\r\n")
    return bool(end) and length(head) == len(body)


def length(head):
    """The body's length from its header; None without one."""
    lines = head.decode("latin-1").lower().split("\r\n")
    values = [
        connection.partition(":")[2].strip()
        for connection in lines
        if connection.startswith("content-length:")
    ]
    return int(values[0]) if values and values[0].isdigit() else 0 if " 204 " in f"{lines[0]} " else None


def parse(data):
    """(status, body) of a whole answer."""
    head, end, body = data.partition(b"\r\n\r\n")
    words = head.decode("latin-1").split()
    if not end or len(words) < 2 or not words[0].startswith("HTTP/") or not words[1].isdigit():
        raise Broken("it is no HTTP")
    if length(head) not in (None, len(body)):
        raise Broken("its end is missing")
    return int(words[1]), body
