"""A full VM as a ThreeFold node starts it, by QEMU: image.raw on the first disk, what it is told on the last."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import debian
import raw

from practice.grid.vms import image, network, qemu
from tests.images import threefold
from tests.images.manager import FakeManager
from tests.machines.host import CLAIM

# UEFI, where a node has a firmware of cloud-hypervisor's: both find what to start in the first partition.
FIRMWARE = Path("/usr/share/OVMF/OVMF_CODE_4M.fd")
NEEDED = (*map(Path, ("/usr/bin/mformat", "/usr/sbin/sfdisk")), FIRMWARE, raw.UEFI)
DISK = 3 * 2**30


def lacking() -> list[str]:
    return [str(path) for path in NEEDED if not path.exists()]


def build(out: Path) -> Path:
    """The disk of the image that is in use here."""
    images = image.folder(os.environ)
    raw.main(debian.system(images, fresh=False), image.newest(images).folder, out)
    return out / raw.NAME


class FullVM:
    """A node with one machine. Its ways out are the doors, and the one to its manager."""

    def __init__(
        self, image: Path, home: Path, doors: list[str], memory: int, told: Mapping[str, str]
    ) -> None:
        self.manager = FakeManager()
        self._home, self._doors, self._memory = home, doors, memory
        home.mkdir()
        subprocess.run(["cp", "--sparse=always", image, self.disk], check=True)
        os.truncate(self.disk, DISK)
        url = f"http://{network.HOST}:{self.manager.port}"
        needed = {"FARMHAND_AGENT_URL": url, "FARMHAND_VM": "1", "FARMHAND_TOKEN": "bootstrap-1"}
        threefold.tell(home / "cidata", {**needed, **told})
        self.power_on()

    @property
    def disk(self) -> Path:
        return self._home / "disk"

    def power_on(self) -> None:
        with open(self._home / "qemu.log", "ab") as log:
            self._qemu = subprocess.Popen(self._command(), cwd=self._home, stdout=log, stderr=log)

    def pull_the_plug(self) -> None:
        self._qemu.kill()
        self._qemu.wait()

    def claimed(self, number: int, count: int = 1) -> dict:
        """What it said when it claimed for the count-th time."""
        said = self.manager.wait("claim", count, CLAIM)[count - 1]
        assert said["vm"] == number
        return said

    def close(self) -> None:
        self.pull_the_plug()
        self.manager.down()

    def _command(self) -> list[str]:
        door, _, private = network.door([f"127.0.0.1:{self.manager.port}", *self._doors])[1:4]
        return [
            *[qemu.PROGRAM, "-M", "q35", "-nodefaults", "-no-user-config", "-nographic", *qemu.EMULATED],
            *["-smp", "1", "-m", str(self._memory), "-device", "virtio-rng-pci", "-serial", "file:console"],
            *["-drive", f"if=pflash,format=raw,readonly=on,file={FIRMWARE}"],
            *_disk("disk", ""),
            *_disk("cidata", ",readonly=on"),
            *["-netdev", door, "-device", f"{private},mac={threefold.PRIVATE}"],
            *["-netdev", "user,id=overlay,restrict=on"],
            *["-device", f"virtio-net-pci,netdev=overlay,romfile=,mac={threefold.OVERLAY}"],
        ]


def _disk(name: str, more: str) -> list[str]:
    drive = f"if=none,id={name},format=raw,file={name}{more}"
    return ["-drive", drive, "-device", f"virtio-blk-pci,drive={name}"]
