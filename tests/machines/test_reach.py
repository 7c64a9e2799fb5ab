"""What a job in a machine reaches of the computer that it runs on, and of its neighbours: nothing but the door."""

import json
import socket
import threading
from pathlib import Path

import pytest

from tfci.practice.grid.vms import network

NEIGHBOUR = "python3 -m http.server 9999 & sleep 60"
TRY = """
    python3 - <<'END'
    import concurrent.futures, json, socket
    def opens(place):
        try:
            socket.create_connection(place, 2).close()
            return place
        except OSError:
            return None
    def those(places):
        with concurrent.futures.ThreadPoolExecutor(64) as pool:
            return [place for place in pool.map(opens, places) if place]
    hosts = ["10.0.2.2", "10.0.2.3", "10.0.2.100", "10.0.3.2", "10.0.3.3"]
    ours = those([(host, port) for host in hosts for port in PORTS])
    others = those([(f"10.0.{net}.{last}", 9999) for net in (2, 3) for last in range(1, 33) if last != 15])
    print("FOUND", json.dumps([ours, others]))
    END
"""


class Listener:
    """Stands for a database on the computer's loopback; counts who comes."""

    def __init__(self) -> None:
        self.came = 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                self._socket.accept()[0].close()
            except OSError:
                return
            self.came += 1

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def database():
    listener = Listener()
    yield listener
    listener.close()


def on_loopback() -> set[int]:
    """The ports of this computer that are listened on at 127.0.0.1 or everywhere."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return {int(words[1].partition(":")[2], 16) for words in lines if words[3] == "0A"}


def test_nothing_of_the_computer_but_the_doors_and_no_other_machine(product, database):
    product.begin("neighbour", NEIGHBOUR)
    product.machine("neighbour")
    doors = {product.port, product.home.ports()["forge"]}
    shut = on_loopback() - doors
    assert {database.port, product.home.ports()["grid"]} <= shut
    ran = product.run("reach", TRY.replace("PORTS", json.dumps(sorted(shut | doors))))
    assert ran.conclusion == "success", ran.log
    ours, others = json.loads(ran.log.split("FOUND ", 1)[1].splitlines()[0])
    assert {tuple(place) for place in ours} == {(network.HOST, port) for port in doors}
    assert others == []
    assert database.came == 0
    product.ended("neighbour")
