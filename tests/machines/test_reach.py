"""What a job in a machine reaches of the computer that it runs on, and of its neighbours: nothing but the door."""

import json
import socket
import threading

import pytest

from tfci.practice.grid.vms import network

NEIGHBOUR = "echo at-the-neighbour >index.html; python3 -m http.server 9999 & sleep 60"
WORDS = {"loopback": "on-the-loopback", "grid": '"speed"', "neighbour": "at-the-neighbour", "door": "HTTP/1."}
# That a connection opens shows nothing: some networks answer for every address there is. What is said there counts.
TRY = """
    python3 - <<'END'
    import concurrent.futures, json, socket
    def said(place):
        heard = b""
        try:
            with socket.create_connection(place, 3) as line:
                line.settimeout(3)
                line.sendall(b"GET /clock HTTP/1.0\\r\\n\\r\\n")
                while more := line.recv(4096):
                    heard += more
        except OSError:
            pass  # what was heard until then counts
        return heard.decode(errors="replace")
    def where(word, places):
        with concurrent.futures.ThreadPoolExecutor(64) as pool:
            return [place for place, text in zip(places, pool.map(said, places)) if word in text]
    print("FOUND", json.dumps([where(word, places) for word, places in ASKED]))
    END
"""


class Listener:
    """Stands for PostgreSQL or Valkey on the computer's loopback; counts who comes."""

    def __init__(self) -> None:
        self.came = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                came, _ = self._socket.accept()
            except OSError:
                return
            self.came += 1
            with came:
                came.sendall(WORDS["loopback"].encode())

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def database():
    listener = Listener()
    yield listener
    listener.close()


def own_address() -> str:
    """This computer's in its network. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        asked.connect(("192.0.2.1", 9))
        return asked.getsockname()[0]


@pytest.mark.proof  # it needs a quiet computer
def test_nothing_of_the_computer_but_the_doors_and_no_other_machine(product, database):
    ours = product.home.ports()
    names = ["10.0.2.2", "10.0.2.3", network.HOST, "10.0.3.2", "10.0.3.3", own_address()]
    neighbours = [(f"10.0.{net}.{last}", 9999) for net in (2, 3) for last in range(1, 33) if last != 15]
    asked = [
        (WORDS["loopback"], [(name, database.port) for name in names]),
        (WORDS["grid"], [(name, ours["grid"]) for name in names]),
        (WORDS["neighbour"], neighbours),
        (WORDS["door"], [(network.HOST, product.port), (network.HOST, ours["forge"])]),
    ]
    product.begin("neighbour", NEIGHBOUR)
    product.machine("neighbour")
    ran = product.run("reach", TRY.replace("ASKED", json.dumps(asked)))
    assert ran.conclusion == "success", ran.log
    loopback, grid, neighbour, doors = json.loads(ran.log.rsplit("FOUND ", 1)[1].splitlines()[0])
    assert (loopback, grid, neighbour) == ([], [], [])
    assert len(doors) == 2
    assert database.came == 0
