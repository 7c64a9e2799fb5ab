"""images/agent with an order that stays: a server's program, its folder, and whether it answers."""

import socket
from pathlib import Path

import pytest

from tests.images.manager import eventually

SERVES = """
echo "password is $PASSWORD" && cat "$1/site/index.html"
exec python3 -m http.server "$2" --bind 127.0.0.1 --directory "$1/site"
"""
FIRST = '[ "$1" = prepare ] && mkdir "$2/site" && cp "$2/page" "$2/site/index.html" && exit; [ "$1" = fail ] && exit 3;'


@pytest.fixture
def port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture
def serve(machine, port):
    """serve(id, **app) gives the order of a small web server to the machine's agent."""
    machine.engine(FIRST + SERVES, name="webserver")

    def give(number=12, **app):
        app = {
            "program": "webserver",
            "port": port,
            "health": "/",
            "files": {"page": "hello from {data}\n"},
            "first": [["prepare", "{data}"]],
            "secrets": ["s3cret-word"],
        } | app
        order = {"id": number, "engine": "app", "files": {}, "environment": {"PASSWORD": "s3cret-word"}}
        machine.order(**order, arguments=["{data}", str(port)], app=app)

    return give


def answering(manager):
    return [beat["answers"] for beat in manager.said("beat") if "answers" in beat]


def test_it_says_when_its_program_answers_and_hides_its_secrets(machine, manager, serve):
    serve()
    machine.start()
    eventually(lambda: True in answering(manager), 20)
    assert f"hello from {machine.work}/data" in manager.tail()
    assert "password is ***" in manager.tail()
    assert "s3cret-word" not in manager.tail()


def test_a_second_run_finds_what_the_first_one_left(machine, manager, serve):
    serve()
    machine.start()
    eventually(lambda: True in answering(manager), 20)
    (machine.work / "data" / "kept").write_text("by a person")
    machine.engine('cat "$1/kept"', name="webserver")
    manager.beat = {"stop": True, "interval": 1}
    manager.wait("done")
    manager.beat = {"stop": False, "interval": 1}
    serve(13)
    manager.wait("done", 2, 20)
    assert "by a person" in manager.tail()


def test_what_comes_before_a_first_run_may_fail_and_is_done_again(machine, manager, serve):
    serve(first=[["fail"]])
    machine.start()
    (done,) = manager.wait("done")
    assert done["cause"] == "engine_failed" and "ended with 3" in done["said"]
    assert not list(machine.work.glob("order-*"))
    serve(13)
    eventually(lambda: True in answering(manager), 20)


def test_a_port_that_another_program_has_is_not_taken_for_ours(machine, manager, serve, port):
    with socket.create_server(("127.0.0.1", port)):
        serve()
        machine.start()
        (done,) = manager.wait("done")
    assert f"Port {port} is taken" in done["said"]
    assert not Path(machine.work, "data").exists()


def test_a_machine_without_the_program_says_so(machine, manager, serve):
    serve(program="nothing-of-the-kind")
    machine.start()
    assert manager.wait("done")[0]["cause"] == "engine_missing"
