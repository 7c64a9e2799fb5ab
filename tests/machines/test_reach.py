"""What a job in a machine reaches of the computer that it runs on, and of its neighbours: nothing but the door."""

import json
import socket
import threading

import pytest

from practice.grid.vms import network
from tests.machines.host import CLAIM
from tests.practice.grid.harness import until

NEIGHBOUR = """
    echo at-the-neighbour >index.html; python3 -m http.server 9999 &
    until curl -sf http://127.0.0.1:9999; do sleep 0.2; done
    sleep 600
"""
WORDS = {"loopback": "on-the-loopback", "grid": '"speed"', "neighbour": "at-the-neighbour", "door": "HTTP/1."}
SILENT, ANSWERS = 3, 60  # seconds for who should say nothing, and for who should answer on a busy computer
# That a connection opens shows nothing: some networks answer for every address there is. What is said there counts.
TRY = """
    python3 - <<'END'
    import concurrent.futures, json, socket
    def said(place, patience):
        heard = b""
        try:
            with socket.create_connection(place, patience) as line:
                line.settimeout(patience)
                line.sendall(b"GET /clock HTTP/1.0\\r\\n\\r\\n")
                while more := line.recv(4096):
                    heard += more
        except OSError:
            pass  # what was heard until then counts
        return heard.decode(errors="replace")
    def where(word, patience, places):
        with concurrent.futures.ThreadPoolExecutor(64) as pool:
            heard = pool.map(said, places, [patience] * len(places))
            return [place for place, text in zip(places, heard) if word in text]
    print("FOUND", json.dumps([where(*asked) for asked in ASKED]))
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


@pytest.mark.proof  # two virtual machines, a minute of emulation
def test_nothing_of_the_computer_but_the_doors_and_no_other_machine(product, database):
    ours = product.home.ports()
    names = ["10.0.2.2", "10.0.2.3", network.HOST, "10.0.3.2", "10.0.3.3", own_address()]
    neighbours = [(f"10.0.{net}.{last}", 9999) for net in (2, 3) for last in range(1, 33) if last != 15]
    asked = [
        (WORDS["loopback"], SILENT, [(name, database.port) for name in names]),
        (WORDS["grid"], SILENT, [(name, ours["grid"]) for name in names]),
        (WORDS["neighbour"], SILENT, neighbours),
        (WORDS["door"], ANSWERS, [(network.HOST, product.port), (network.HOST, ours["forge"])]),
    ]
    product.begin("neighbour", NEIGHBOUR)
    product.runs("neighbour")
    until(lambda: WORDS["neighbour"] in product.printed("neighbour"), CLAIM)
    ran = product.run("reach", TRY.replace("ASKED", json.dumps(asked)))
    assert product.sql("SELECT state FROM runners_job WHERE name = 'neighbour'") == [("in_progress",)]
    assert ran.conclusion == "success", ran.log
    loopback, grid, neighbour, doors = json.loads(ran.log.rsplit("FOUND ", 1)[1].splitlines()[0])
    assert (loopback, grid, neighbour) == ([], [], [])
    assert len(doors) == 2
    assert database.came == 0
