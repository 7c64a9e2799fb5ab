"""The one HTTP client, against real sockets that behave and that don't."""

import contextlib
import ipaddress
import json
import os
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tfci.core.http_client import BadAddress, Client, Policy, check, origin

PRIVATE = Policy(allow_private=True)


class Server:
    """A socket on loopback; `talk(connection, head)` is called for each request that came in whole."""

    def __init__(self, talk, tls=None):
        self.talk, self.tls = talk, tls
        self.heads, self.connections = [], 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):  # until it is closed
            while True:
                connection, _ = self.socket.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with contextlib.suppress(OSError), connection:  # a client may leave at any time
            stream = self.tls.wrap_socket(connection, server_side=True) if self.tls else connection
            while head := self._head(stream):
                self.heads.append(head)
                self.talk(stream, head)

    @staticmethod
    def _head(stream):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = stream.recv(1)
            if not byte:
                return ""
            head += byte
        return head.decode()

    def close(self):
        self.socket.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self.socket.close()


@pytest.fixture
def serve():
    servers = []

    def start(talk, tls=None):
        servers.append(Server(talk, tls))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def ok(body=b"{}", headers=""):
    return b"HTTP/1.1 200 OK\r\n%sContent-Length: %d\r\n\r\n%s" % (headers.encode(), len(body), body)


def always(answer):
    return lambda stream, head: stream.sendall(answer)


def trickle(data, pause=0.05):
    def talk(stream, head):
        for byte in data:
            stream.sendall(bytes([byte]))
            time.sleep(pause)

    return talk


@pytest.fixture
def names(monkeypatch):
    """A name service of our own: names["forge.test"] = ["127.0.0.1"]; `names.asked` counts."""

    class Names(dict):
        asked = 0

    known, real = Names(), socket.getaddrinfo

    def look_up(host, *rest, **more):
        if host not in known:
            return real(host, *rest, **more)
        known.asked += 1
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in known[host]]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return known


# Addresses as people and strangers write them


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("https://git.example.org", "https://git.example.org"),
        ("HTTPS://Git.Example.ORG:443/some/path/", "https://git.example.org"),
        ("https://git.example.org.", "https://git.example.org"),
        ("http://git.example.org:3000", "http://git.example.org:3000"),
        ("http://127.0.0.1.:80", "http://127.0.0.1"),
        ("http://[::1]:3000", "http://[::1]:3000"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("  https://git.example.org  ", "https://git.example.org"),
    ],
)
def test_an_origin_has_one_spelling(written, read):
    assert origin(written) == read


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("git.example.org", "must start with"),
        ("//git.example.org", "must start with"),
        ("ftp://git.example.org", "must start with"),
        ("file:///etc/passwd", "must start with"),
        ("unix:///var/run/docker.sock", "must start with"),
        ("http+unix://docker.sock", "must start with"),
        ("javascript:alert(1)", "must start with"),
        ("https://me:token@git.example.org", "Remove the name and password"),
        ("https://git.example.org/?a=b", "before any ?"),
        ("https://git.example.org/#here", "before any ?"),
        ("https://git.example.org:0", "port"),
        ("https://git.example.org:65536", "port"),
        ("https://", "server's name"),
        ("http://a..b", "server's name"),
        ("http://2130706433", "usual form"),
        ("http://0x7f.1", "usual form"),
        ("http://127.1", "usual form"),
        ("http://0", "usual form"),
        ("http://127%2e0%2e0%2e1", "usual form"),
        ("http://0177.0.0.1", "not a web address"),
        ("http://１２７.０.０.１", "not a web address"),
        ("http://[::1", "not a web address"),
        ("http://git.example.org\r\nX: y", "not a web address"),
        ("http://\ud800", "not a web address"),
        ("http://xn--a", "not a web address"),
    ],
)
def test_an_odd_address_gets_a_sentence(address, sentence):
    with pytest.raises(BadAddress, match=sentence.replace("?", r"\?")):
        Client(address, PRIVATE)


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:2800:21f:cb07::1", "400::1", "5ff:1::2", "::ffff:93.184.215.14"]
)
def test_a_public_or_mycelium_address_may_be_called(address):
    check(ipaddress.ip_address(address), private=False)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "::1",
        "fd00::1",
        "::ffff:127.0.0.1",
    ],
)
def test_a_private_address_may_be_called_only_where_that_is_allowed(address):
    check(ipaddress.ip_address(address), private=True)
    with pytest.raises(BadAddress, match="private address"):
        check(ipaddress.ip_address(address), private=False)


NOWHERE = """
0.0.0.0 169.254.169.254 224.0.0.1 240.0.0.1 255.255.255.255 :: ::7f00:1 fe80::1 ff02::1 600::1 2001:db8::1
64:ff9b::7f00:1 64:ff9b:1::1 2002:7f00:1:: 2001:0:1::1 ::ffff:169.254.169.254
fec0::1 3fff::1 3fff:fff::1 192.88.99.1 ::ffff:192.88.99.1 5f00::1 100::1 4000::1 198.18.0.1 203.0.113.1 192.0.0.8
"""


@pytest.mark.parametrize("address", NOWHERE.split())
@pytest.mark.parametrize("private", [True, False])
def test_an_address_that_no_server_has_is_never_called(address, private):
    with pytest.raises(BadAddress, match="not an address that a server can have"):
        check(ipaddress.ip_address(address), private)


# What a policy opens


def test_loopback_is_refused_by_default(serve):
    server = serve(always(ok()))
    with pytest.raises(BadAddress, match="private address"):
        Client(server.url, Policy()).request("GET", "/")
    assert server.connections == 0


def test_loopback_is_called_where_its_exact_origin_is_allowed(serve):
    server, other = serve(always(ok())), serve(always(ok()))
    policy = Policy(allowed_origins=frozenset({server.url}))
    assert Client(server.url + "/", policy).request("GET", "/").status == 200
    with pytest.raises(BadAddress):
        Client(other.url, policy).request("GET", "/")


@pytest.mark.parametrize("host", ["localhost", "localhost.", "[::ffff:127.0.0.1]", "127.0.0.1."])
def test_other_spellings_of_loopback_are_refused_too(serve, host):
    server = serve(always(ok()))
    with pytest.raises(BadAddress):
        Client(f"http://{host}:{server.port}", Policy()).request("GET", "/")
    assert server.connections == 0


def test_a_public_name_with_a_private_address_is_refused(serve, names):
    server = serve(always(ok()))
    names["git.example.org"] = ["127.0.0.1"]
    with pytest.raises(BadAddress):
        Client(f"http://git.example.org:{server.port}", Policy()).request("GET", "/")
    assert server.connections == 0


def test_one_private_address_among_public_ones_is_refused(names):
    names["git.example.org"] = ["93.184.215.14", "10.0.0.1"]
    with pytest.raises(BadAddress, match="git.example.org leads to a private address"):
        Client("http://git.example.org", Policy()).request("GET", "/")


@pytest.mark.parametrize("address", ["10.11.12.13", "fd00::12:13", "169.254.12.13"])
def test_what_a_name_means_in_the_operators_network_is_not_told(names, address):
    names["db.internal"] = [address]
    with pytest.raises(BadAddress, match="db.internal leads to") as error:
        Client("http://db.internal", Policy()).request("GET", "/")
    assert "12" not in str(error.value)


def test_a_name_is_looked_up_once_for_each_connection_and_checked_again(serve, names):
    server = serve(always(ok()))
    names["rebind.test"] = ["127.0.0.1"]
    client = Client(f"http://rebind.test:{server.port}", PRIVATE)
    client.request("GET", "/")
    client.request("GET", "/")
    assert (names.asked, server.connections) == (1, 1)
    server.talk = always(ok(headers="Connection: close\r\n"))
    client.request("GET", "/")
    names["rebind.test"] = ["169.254.169.254"]
    with pytest.raises(BadAddress):
        client.request("GET", "/")
    assert names.asked == 2


def test_the_next_address_is_tried_where_the_first_does_not_answer(serve, names):
    server = serve(always(ok()))
    names["two.test"] = ["127.0.0.2", "127.0.0.1"]
    assert Client(f"http://two.test:{server.port}", PRIVATE).request("GET", "/").status == 200


# What goes over the wire


def test_a_request_carries_method_path_parameters_json_and_headers(serve, names):
    received = {}

    def talk(stream, head):
        received["body"] = stream.recv(65536)
        stream.sendall(ok(b'{"id": 1}'))

    server = serve(talk)
    names["forge.test"] = ["127.0.0.1"]
    client = Client(f"http://forge.test:{server.port}/sub/", PRIVATE, headers={"Authorization": "token t"})
    answer = client.request(
        "POST", "/jobs", params=[("status", "a"), ("status", "b")], json={"x": 1}, headers={"X-Y": "z"}
    )
    lines = server.heads[0].lower().splitlines()
    assert lines[0] == "post /sub/jobs?status=a&status=b http/1.1"
    assert f"host: forge.test:{server.port}" in lines
    assert {"authorization: token t", "x-y: z", "content-type: application/json"} <= set(lines)
    assert json.loads(received["body"]) == {"x": 1}
    assert answer.json() == {"id": 1}


def test_any_status_is_an_answer(serve):
    server = serve(always(b"HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\nX-A: b\r\n\r\nnone"))
    answer = Client(server.url, PRIVATE).request("GET", "/")
    assert (answer.status, answer.body, answer.headers["x-a"]) == (404, b"none", "b")


def test_a_redirect_is_not_followed(serve):
    elsewhere = serve(always(ok()))
    server = serve(
        always(f"HTTP/1.1 302 Found\r\nLocation: {elsewhere.url}\r\nContent-Length: 0\r\n\r\n".encode())
    )
    assert Client(server.url, PRIVATE).request("GET", "/").status == 302
    assert elsewhere.connections == 0


def test_proxies_of_the_environment_are_not_used(serve, monkeypatch):
    proxy, server = serve(always(ok(b"proxy"))), serve(always(ok(b"server")))
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    monkeypatch.setenv("ALL_PROXY", proxy.url)
    assert Client(server.url, PRIVATE).request("GET", "/").body == b"server"


def test_cookies_are_not_kept(serve):
    server = serve(always(ok(headers="Set-Cookie: session=first-team; Path=/\r\n")))
    for _ in range(2):
        Client(server.url, PRIVATE).request("GET", "/")
    assert "cookie" not in server.heads[1].lower()


def test_connections_are_shared_by_all_clients_of_one_origin_and_policy(serve):
    server = serve(always(ok()))
    for _ in range(5):
        Client(server.url, PRIVATE).request("GET", "/")
    assert server.connections == 1
    Client(server.url, Policy(allowed_origins=frozenset({server.url}))).request("GET", "/")
    assert server.connections == 2


def test_threads_get_their_own_answers(serve):
    server = serve(lambda stream, head: stream.sendall(ok(head.split()[1].encode())))
    client = Client(server.url, PRIVATE)
    paths = [f"/{number}" for number in range(80)]
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda path: client.request("GET", path).body.decode(), paths))
    assert answers == paths
    assert server.connections <= 8


def test_a_forked_process_opens_its_own_connection(serve):
    server = serve(always(ok()))
    Client(server.url, PRIVATE).request("GET", "/")
    child = os.fork()
    if child == 0:
        os._exit(0 if Client(server.url, PRIVATE).request("GET", "/").status == 200 else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert server.connections == 2
    Client(server.url, PRIVATE).request("GET", "/")
    assert server.connections == 2
