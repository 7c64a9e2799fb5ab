"""The disk of a full VM, as firmware looks at it, and what its initrd makes of what a node tells."""

import json
import shutil
import struct
import subprocess
import uuid

import build
import builder
import pytest
import raw

from tests.images.programs import IMAGES
from tests.images.threefold import NETWORK, OVERLAY, PRIVATE

GRIDS = IMAGES / "machine/grids"
ESP = uuid.UUID("c12a7328-f81f-11d2-ba4b-00a0c93ec93b").bytes_le
NETPLAN = """
    . {netplan}
    card_of() {{ [ "$1" = {private} ] && echo net-private || echo net-overlay; }}
    ip() {{ echo "$*"; }}
    set_network {told} 2>/dev/null
    echo "$FARMHAND_OUT_DNS"
"""


@pytest.fixture
def disk(tmp_path, monkeypatch):
    """Of an image whose files are a few bytes each."""
    if not all(map(shutil.which, ("sfdisk", "mformat"))):
        pytest.skip("sfdisk and mformat are not here (make machines installs them)")
    root, uefi, initrd = tmp_path / "root", tmp_path / "systemd-boot", tmp_path / "initrd.img"
    (root / "boot").mkdir(parents=True)
    (root / "boot/vmlinuz-6.12").write_bytes(b"kernel" * 1000)
    (tmp_path / "root.erofs").write_bytes(b"the system" * 5000)
    uefi.write_bytes(b"MZ")
    initrd.write_bytes(b"initrd" * 1000)
    monkeypatch.setattr(raw, "UEFI", uefi)
    raw.lay_boot(tmp_path / "files", root, initrd)
    raw.fill(tmp_path / "image.raw", tmp_path / "files", tmp_path / "root.erofs")
    return tmp_path / "image.raw"


def partitions(disk):
    """(kind, first and last sector) of each, by the table at the disk's beginning."""
    with open(disk, "rb") as file:
        file.seek(raw.SECTOR)
        head = file.read(92)
        assert head.startswith(b"EFI PART")
        first_usable, first_entry = (
            struct.unpack_from("<Q", head, 40)[0],
            struct.unpack_from("<Q", head, 72)[0],
        )
        assert first_usable >= 34
        file.seek(first_entry * raw.SECTOR)
        entries = [file.read(128) for _ in range(128)]
    return [(entry[:16], *struct.unpack_from("<QQ", entry, 32)) for entry in entries if any(entry[:16])]


def said(disk, name):
    place = f"{disk}@@{raw.START}M"
    return subprocess.run(["mtype", "-i", place, f"::{name}"], capture_output=True, check=True).stdout


def test_firmware_finds_what_to_start_in_the_first_partition(disk):
    [(kind, first, _), _] = partitions(disk)
    assert kind == ESP
    with open(disk, "rb") as file:
        file.seek(first * raw.SECTOR + 82)
        assert file.read(8) == b"FAT32   "
    entry = said(disk, "loader/loader.conf").decode().split()[1]
    words = dict(line.split(" ", 1) for line in said(disk, f"loader/entries/{entry}").decode().splitlines())
    assert said(disk, words["linux"]) == b"kernel" * 1000
    assert said(disk, words["initrd"]) == b"initrd" * 1000
    assert "console=ttyS0" in words["options"].split()
    assert said(disk, "EFI/BOOT/BOOTX64.EFI") == b"MZ"


def test_the_system_fills_the_second_and_nothing_lies_behind_but_the_copy_of_the_table(disk):
    [_, (_, first, last)] = partitions(disk)
    with open(disk, "rb") as file:
        file.seek(first * raw.SECTOR)
        assert file.read(50_000) == b"the system" * 5000
        file.seek((last + 1) * raw.SECTOR)
        rest = file.read()
    assert len(rest) == raw.MIB
    assert rest[-raw.SECTOR :].startswith(b"EFI PART")


def test_the_network_is_set_up_as_the_node_says(tmp_path):
    told = tmp_path / "network-config"
    told.write_text(NETWORK)
    script = NETPLAN.format(netplan=GRIDS / "netplan", private=PRIVATE, told=told)
    ran = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert OVERLAY in NETWORK
    assert ran.stdout.splitlines() == [
        "link set net-private up",
        "address add 10.0.2.15/24 dev net-private",
        "address add 10.0.2.15/24 dev net-private",
        "route add default via 10.0.2.2 dev net-private",
        "route add 0.0.0.0/0 via 10.0.2.2 dev net-private",
        "route add 10.1.0.0/16 via 10.0.2.2 dev net-private",
        "link set net-overlay up",
        "address add 4f0:8a1:2b3:ff0f:1:2:3:4/64 dev net-overlay",
        "route add 400::/7 via 4f0:8a1:2b3:ff0f::1 dev net-overlay",
        "8.8.8.8",
    ]


@pytest.mark.parametrize("name", ["local", "threefold", "netplan"])
def test_what_init_sources_can_be_read_by_a_shell(name):
    assert subprocess.run(["sh", "-n", GRIDS / name], check=False).returncode == 0


def test_no_ordinary_image_is_another_for_it(tmp_path):
    names = {name.rpartition("/")[2] for name in build.files(tmp_path)}
    assert "local" in names
    assert names.isdisjoint(raw.FILES)


def test_it_lies_beside_the_image_and_its_manifest_tells_its_size(tmp_path, monkeypatch):
    image = tmp_path / "image"
    image.mkdir()
    (image / "manifest.json").write_text(json.dumps({"sizes": {"root.erofs": 7}}))

    def run(*words):
        words[-1].mkdir()
        (words[-1] / raw.NAME).write_bytes(b"disk")

    monkeypatch.setattr(builder, "run", run)
    monkeypatch.setattr(builder, "give", lambda _: None)
    monkeypatch.setattr(raw, "UEFI", image / "manifest.json")
    monkeypatch.setattr(shutil, "which", lambda name: name)
    raw.add(tmp_path / "debian.tar", image)
    assert json.loads((image / "manifest.json").read_text())["sizes"] == {"root.erofs": 7, "image.raw": 4}
    assert [path.name for path in tmp_path.iterdir()] == ["image"]


def test_what_it_needs_of_debian_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match="apt-get install fdisk mtools systemd-boot-efi"):
        raw.add(tmp_path / "debian.tar", tmp_path)
