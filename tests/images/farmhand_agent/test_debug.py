"""Debug access: what the agent makes of the manager's wishes. A script stands for the image's program."""

import pytest

from farmhand_agent import debug, fence

ORDER = {"id": 5, "keys": ["ssh-ed25519 AAAA", "ssh-rsa BBBB"], "seconds": 900}
OPENS = 'echo "$@" >>{calls}; [ "$1" = close ] || { cat >>{calls}; echo "ssh-ed25519 HOST"; }'


@pytest.fixture
def image(tmp_path, monkeypatch):
    """image(script) puts its program there; returns the file that it writes to."""
    calls = tmp_path / "calls"

    def put(script):
        program = tmp_path / "debug-access"
        program.write_text(f"#!/bin/sh\n{script.replace('{calls}', str(calls))}\n")
        program.chmod(0o755)
        monkeypatch.setenv("FARMHAND_DEBUG", str(program))
        return calls

    return put


def test_an_order_opens_it_once_with_its_keys_and_seconds_and_the_servers_key_is_news(image):
    calls, one = image(OPENS), debug.Debug()
    assert one.obey(ORDER)
    assert not one.obey(ORDER | {"seconds": 890})
    assert calls.read_text() == "open 900\nssh-ed25519 AAAA\nssh-rsa BBBB\n"
    assert one.report == {"id": 5, "host_key": "ssh-ed25519 HOST"}


def test_no_order_any_more_closes_it_once(image):
    calls, one = image(OPENS), debug.Debug()
    one.obey(ORDER)
    assert not one.obey(None)
    assert not one.obey(None)
    assert calls.read_text().count("close") == 1


def test_another_order_closes_the_one_before_it(image):
    calls, one = image(OPENS), debug.Debug()
    one.obey(ORDER)
    assert one.obey(ORDER | {"id": 6})
    assert [line.split()[0] for line in calls.read_text().splitlines() if line[0] != "s"] == [
        "open",
        "close",
        "open",
    ]


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo no room >&2; exit 1", "The SSH server did not come up. no room"),
        ("exit 0", "The SSH server did not come up."),
        ("echo open", "The SSH server did not come up."),
    ],
)
def test_a_server_that_does_not_come_up_is_told_with_what_it_said(image, script, said):
    image(script)
    one = debug.Debug()
    assert one.obey(ORDER)
    assert one.report == {"id": 5, "said": said}


def test_an_image_without_such_a_program_says_so(monkeypatch):
    monkeypatch.delenv("FARMHAND_DEBUG", raising=False)
    one = debug.Debug()
    assert one.obey(ORDER)
    assert one.report == {"id": 5, "said": debug.NONE}
    assert not one.obey(None)


def test_who_came_in_is_of_no_order(tmp_path, monkeypatch):
    (tmp_path / "debug").mkdir()
    (tmp_path / "debug/cgroup.procs").write_text("41\n42\n")
    monkeypatch.setenv("FARMHAND_FENCE", str(tmp_path))
    assert fence.debug_processes() == {41, 42}
    monkeypatch.setenv("FARMHAND_FENCE", "")
    monkeypatch.chdir(tmp_path)
    assert fence.debug_processes() == set()
