"""A machine as a virtual machine: its start, its state, its limits."""

import os
import socket
import subprocess
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

from practice.grid.bodies import Body
from practice.grid.vms import console, guard, image, network, qemu, zosrc

GIB = 2**30
HOW = {True: "by software emulation (slow for heavy jobs)", False: "with KVM"}
WHERE = {True: "and reach the network by passt", False: "and reach nothing but Farmhand and its forges"}


class Vms:
    """Each has a folder with its disk and its console; QEMU and passt run with that as their home."""

    def __init__(self, home: Path, images: Path, doors: Sequence[str], emulated: bool, out: bool) -> None:
        """`doors`: what of this host machines may reach, as host:port. `out`: whether they get beyond it."""
        self.about = f"virtual, {HOW[emulated]}, {WHERE[out]}"
        self.at_once = 2 * (os.cpu_count() or 1)
        self._home, self._images, self._doors, self._out = home, images, doors, out
        self._emulated = emulated

    def port(self, taken: Collection[int]) -> int:
        """Nothing answers there before debug access is opened."""
        return network.free_port(taken)

    def addresses(self, body: Body) -> Mapping[str, str]:
        return {"ssh": f"{network.LOOPBACK}:{body.port}"} if body.port else {}

    def start(self, body: Body, folder: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """With an empty disk and an empty memory, each time."""
        console.renew(folder)
        _empty_disk(folder / qemu.SCRATCH, body.disk * GIB)
        zosrc.write(folder / qemu.ZOSRC, self._variables(environment))
        with ExitStack() as ends:
            cards = network.door(self._doors, body.port)
            handed_on = []
            if self._out:
                guest_end, passt_end = map(ends.enter_context, socket.socketpair())
                network.start_passt(passt_end, folder)
                cards += network.way_out(guest_end)
                handed_on = [guest_end.fileno()]
            command = qemu.command(
                image.newest(self._images), body.cpu, body.memory, self._emulated, cards, folder
            )
            return _spawn(command, folder, handed_on)

    def is_up(self, folder: Path) -> bool:
        return console.begun(folder)

    def reboots(self, folder: Path, code: int | None) -> bool:
        return any(line.endswith(console.REFRESH) for line in console.lines(folder))

    def end_reason(self, folder: Path) -> str:
        lines = console.lines(folder)
        if any(console.PANIC in line for line in lines):
            return "the kernel of the virtual machine panicked"
        if any(line.startswith(console.END) for line in lines):
            return "the virtual machine powered itself off"
        output = (folder / qemu.LOG).read_text(errors="replace").strip()
        return f"QEMU said: {output[-300:]}" if output else "the virtual machine was ended from outside"

    def tend(self, folders: Collection[Path]) -> None:
        """Trim consoles, delete a guest's variables once it has read them, and keep some of the host's disk free."""
        for folder in folders:
            with suppress(FileNotFoundError):  # it is just being removed
                _tend(folder)
        guard.check_disk(self._home, folders)

    def _variables(self, environment: Mapping[str, str]) -> dict[str, str]:
        return {**environment, **(network.WAY_OUT if self._out else {}), "FARMHAND_ON_END": "poweroff"}


def _tend(folder: Path) -> None:
    if console.has_output(folder):
        (folder / qemu.ZOSRC).unlink(missing_ok=True)
    console.trim(folder)


def _empty_disk(path: Path, size: int) -> None:
    """Sparse: it takes what is written to it. A new file, so that nothing of the last one can come back."""
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as disk:
        disk.truncate(size)


def _spawn(command: Sequence[str], folder: Path, handed_on: Sequence[int]) -> subprocess.Popen[bytes]:
    with open(folder / qemu.LOG, "wb") as log:
        return subprocess.Popen(
            command,
            cwd=folder,
            env={"HOME": str(folder), "PATH": os.environ["PATH"]},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=handed_on,
            start_new_session=True,
        )
