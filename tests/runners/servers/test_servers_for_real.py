"""A server on VMs that are processes: the simulated grid's own program, the agent, and the agents' door."""

import os
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from django.db import connection as database
from django.utils import timezone
from psycopg.conninfo import make_conninfo

from runners.gateways import Gateways
from runners.models import VM, Server
from runners.servers import reconcile
from runners.vms import garbage_collection
from tests.builders import a_price, a_server, a_twin, a_wallet
from tests.practice.grid.harness import Grid, until
from tests.walks import settle
from tfci.grid import nodes

AGENT = Path(__file__).resolve().parents[3] / "images/agent"


@pytest.fixture
def grid(tmp_path):
    grid = Grid(tmp_path / "grid", "--nodes", "20", "--machine", f"{sys.executable} {AGENT}")
    yield grid
    grid.close()


@pytest.fixture
def door(settings, transactional_db):
    """The agents' door in a process of its own, on this test's database."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = make_conninfo(os.environ["DATABASE_URL"], dbname=database.settings_dict["NAME"])
    environment = os.environ | {"FARMHAND_PROCESS": "agents", "DATABASE_URL": url}
    program = [
        sys.executable,
        "-m",
        "uvicorn",
        "tfci.asgi:application",
        "--port",
        str(port),
        "--no-access-log",
    ]
    process = subprocess.Popen([*program, "--log-level", "error"], env=environment)
    settings.AGENT_URL = f"http://127.0.0.1:{port}"
    until(lambda: listens(port))
    yield
    process.terminate()
    process.wait(20)


def listens(port):
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", int(port))) == 0


def page(address):
    with urllib.request.urlopen(f"{address}/index.html", timeout=5) as answer:  # noqa: S310 an address of ours
        return answer.read().decode()


def test_a_server_is_deployed_lost_replaced_and_deleted(grid, door, settings):
    settings.GRID = "simulated"
    account, twin = grid.account(), a_twin()
    world = Gateways(forge=None, account=lambda _: account, clock=timezone.now)
    a_price()
    nodes.mirror("simulated", grid.proxy.farms(), grid.proxy.nodes(), timezone.now())
    server = a_server(name="docs")
    a_wallet(server.team, twin=twin)

    def serving():
        VM.objects.update(next_step_at=timezone.now())
        settle(world, timezone.now)
        vm = reconcile.current_vm(server)
        return vm if vm.state == VM.State.SERVING else None

    first = until(serving, 60)
    assert page(reconcile.address(first)) == "<h1>docs says hello</h1>\n"
    first.refresh_from_db()
    assert "the word is hello, the secret ***" in first.tail

    grid.control(f"/nodes/{first.node.node_id}", up=False)
    garbage_collection.vms(twin.pk, world, timezone.now())
    second = until(lambda: (vm := serving()) and vm.pk != first.pk and vm, 60)
    assert second.node_id != first.node_id
    assert page(reconcile.address(second)) == "<h1>docs says hello</h1>\n"
    assert reconcile.address(second) != reconcile.address(first)

    reconcile.end(server, "ann", timezone.now())
    until(lambda: serving() or Server.objects.get().closed_at, 60)
    assert not listens(reconcile.runs.address(second).rpartition(":")[2])
    assert account.list_vms("") == []
    assert [event["name"] for event in grid.journal("ended")] == [first.name, second.name]
