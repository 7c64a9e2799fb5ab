"""A machine's two network cards: the door, by which it reaches us and nothing else, and the way out.

QEMU's own user network gives a guest all of the host's loopback, with its databases. So the door is that network
restricted to single ports, and the way out is passt, which keeps the loopback closed. Neither needs root, and by
neither does one guest reach another.
"""

import os
import random
import shutil
import socket
import subprocess
import time
from collections.abc import Collection, Iterable
from pathlib import Path

HOST = "10.0.2.100"  # this host, as a guest sees it through the door
GUEST = "10.0.2.15"  # a guest, as its door has it
LOOPBACK = "127.0.0.1"
SSH = 22
PORTS = range(20_000, 30_000)  # below those that a kernel takes for calls to elsewhere
WAY_OUT = {
    "FARMHAND_OUT_ADDRESS": "10.0.3.15/24",
    "FARMHAND_OUT_GATEWAY": "10.0.3.2",
    "FARMHAND_OUT_DNS": "10.0.3.3",
}
CONNECTIONS = 64  # of one guest through its door at a time; an agent has one or two, an engine a few
RELAY = "socat"
LAST_WORDS = 60  # seconds for one side of a connection after the other has ended
LOOK = 0.3  # seconds after which a passt that can't run here has ended


def door(places: Iterable[str], port: int = 0) -> list[str]:
    """The first card: of all there is, only these places (host:port), by their ports at HOST. A port of this host's
    loopback leads in, to the guest's SSH server, where one is given."""
    ways = f",hostfwd=tcp:{LOOPBACK}:{port}-{GUEST}:{SSH}" if port else ""
    ways += "".join(_forward(*place.rsplit(":", 1)) for place in places)
    return ["-netdev", f"user,id=door,restrict=on,ipv6=off{ways}", *_card("door")]


def free_port(taken: Collection[int]) -> int:
    """One of PORTS that nobody listens at; a random one, for the next program that looks may do so at the same time."""
    for port in random.sample(PORTS, len(PORTS)):
        if port not in taken and _is_free(port):
            return port
    raise OSError("no port is left on this host's loopback")


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        try:
            tried.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def way_out(end: socket.socket) -> list[str]:
    """The second card: on the other side of the socket is passt."""
    return ["-netdev", f"stream,id=out,server=off,addr.type=fd,addr.str={end.fileno()}", *_card("out")]


def start_passt(end: socket.socket, folder: Path) -> subprocess.Popen[bytes]:
    """It ends by itself when QEMU does. All outbound is open but the host's loopback; nothing comes in."""
    address, _, size = WAY_OUT["FARMHAND_OUT_ADDRESS"].partition("/")
    return subprocess.Popen(
        [
            *["passt", "--foreground", "--quiet", "--ipv4-only", "--no-map-gw", "--fd", str(end.fileno())],
            *["--address", address, "--netmask", size, "--gateway", WAY_OUT["FARMHAND_OUT_GATEWAY"]],
            *["--dns-forward", WAY_OUT["FARMHAND_OUT_DNS"], "--no-dhcp", "--no-ndp", "--no-ra"],
        ],
        cwd=folder,
        env={"HOME": str(folder), "PATH": os.environ["PATH"]},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=[end.fileno()],
        start_new_session=True,
    )


def opens_out(folder: Path) -> bool:
    """Whether passt is here and runs: some containers forbid it."""
    if not shutil.which("passt"):
        return False
    ours, its = socket.socketpair()
    with ours, its:
        passt = start_passt(its, folder)
        time.sleep(LOOK)
        runs = passt.poll() is None
        passt.kill()
        passt.wait()
    return runs


def _forward(host: str, port: str) -> str:
    """QEMU starts this program for each connection. It hands on the end of either side (nc does not: an answer
    without a length would never end)."""
    relay = f"{RELAY} -t {LAST_WORDS} STDIO,,shut-down TCP:{host}:{port}"
    return f",guestfwd=tcp:{HOST}:{port}-cmd:{relay}"


def _card(name: str) -> list[str]:
    return ["-device", f"virtio-net-pci,netdev={name},romfile="]
