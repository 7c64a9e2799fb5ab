"""A machine that is virtual: what QEMU is started with, and why it ended."""

import socket
import subprocess

import pytest

from practice.grid.bodies import Body
from practice.grid.vms import console, image, kind, network, qemu


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "vm1-100002"
    folder.mkdir()
    return folder


@pytest.fixture
def vms(tmp_path, monkeypatch):
    monkeypatch.setattr(image, "newest", lambda images: image.Image(images / "built"))
    return kind.Vms(
        tmp_path, tmp_path / "images", ["127.0.0.1:8400", "127.0.0.1:3000"], emulated=True, out=False
    )


def started(vms, folder, monkeypatch, port=0):
    """The command line, and what came with it."""
    seen = {}
    monkeypatch.setattr(subprocess, "Popen", lambda command, **how: seen.update(how, command=command))
    body = Body(100_002, "vm1", 1, cpu=2, memory=1024, disk=10, port=port)
    vms.start(body, folder, {"FARMHAND_TOKEN": "t0ken"})
    return seen


def test_no_secret_is_on_its_command_line_or_in_its_environment(vms, folder, monkeypatch):
    seen = started(vms, folder, monkeypatch)
    assert "t0ken" not in " ".join(seen["command"]) and "t0ken" not in str(seen["env"])
    assert "t0ken" in (folder / qemu.ZOSRC).read_text()


def test_its_disk_is_new_sparse_and_as_large_as_ordered(vms, folder, monkeypatch):
    (folder / qemu.SCRATCH).write_bytes(b"of the last one")
    started(vms, folder, monkeypatch)
    disk = (folder / qemu.SCRATCH).stat()
    assert disk.st_size == 10 * 2**30 and disk.st_blocks == 0 and disk.st_mode & 0o777 == 0o600


def test_its_door_leads_to_the_allowed_places_and_to_no_other(vms, folder, monkeypatch):
    command = started(vms, folder, monkeypatch)["command"]
    [door] = [word for word in command if word.startswith("user,id=door")]
    assert "restrict=on" in door
    assert door.count("guestfwd=") == 2
    assert "TCP:127.0.0.1:8400" in door and "TCP:127.0.0.1:3000" in door
    assert not any("hostfwd" in word for word in command)


def test_a_port_of_the_loopback_leads_to_its_ssh_server_and_to_nothing_else(vms, folder, monkeypatch):
    command = started(vms, folder, monkeypatch, port=20_123)["command"]
    [door] = [word for word in command if word.startswith("user,id=door")]
    assert door.count("hostfwd=") == 1 and "hostfwd=tcp:127.0.0.1:20123-10.0.2.15:22," in door
    body = Body(100_002, "vm1", 1, cpu=2, memory=1024, disk=10, port=20_123)
    assert vms.addresses(body) == {"ssh": "127.0.0.1:20123"}


def test_that_port_is_none_that_is_taken(vms, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listened = listener.getsockname()[1]
        monkeypatch.setattr(network, "PORTS", [20_000, listened])
        with pytest.raises(OSError, match="no port is left"):
            vms.port({20_000})


def test_its_memory_is_in_no_core_dump_and_a_reboot_ends_it(vms, folder, monkeypatch):
    command = started(vms, folder, monkeypatch)["command"]
    assert "--core=0" in command and "-no-reboot" in command and "--no-new-privs" in command
    assert any("dump-guest-core=off" in word for word in command)


@pytest.mark.parametrize(
    ("said", "why", "again"),
    [
        ("farmhand: end 0\n", "powered itself off", False),
        ("farmhand: end 75\n", "powered itself off", True),
        ("farmhand: end 1\n[ 9.1] reboot: Power down\n", "powered itself off", False),
        ("Kernel panic - not syncing: sysrq\n", "kernel of the virtual machine panicked", False),
        ("farmhand: begin\n", "ended from outside", False),
    ],
)
def test_its_end_is_told_by_the_last_of_its_console(vms, folder, said, why, again):
    console.renew(folder)
    console.path_of(folder).write_text(said)
    (folder / qemu.LOG).touch()
    assert why in vms.end_reason(folder)
    assert vms.reboots(folder, 0) is again


def test_a_qemu_that_would_not_start_says_why(vms, folder):
    console.renew(folder)
    (folder / qemu.LOG).write_text("qemu-system-x86_64: cannot set up guest memory\n")
    assert "cannot set up guest memory" in vms.end_reason(folder)


def test_what_it_was_told_goes_as_soon_as_it_was_read(vms, folder, monkeypatch):
    started(vms, folder, monkeypatch)
    vms.tend([folder])
    assert (folder / qemu.ZOSRC).exists()
    console.path_of(folder).write_text("SeaBIOS\n")
    vms.tend([folder])
    assert not (folder / qemu.ZOSRC).exists()
