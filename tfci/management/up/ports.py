"""TCP ports: the one that people use, and the inner ones of the practice world."""

import random
import socket
from collections.abc import Iterator, Mapping

from tfci.management.up.waiting import until

LOOPBACK = "127.0.0.1"
PATIENCE = 5  # seconds for a predecessor that was killed to let go of its ports
INNER = range(20_000, 32_000)  # below those that systems give to outgoing connections


class PortTaken(Exception):
    """Says which, and what to do."""


def free() -> Iterator[int]:
    """Inner ports on which nobody listens, in no order."""
    chance = random.SystemRandom()
    return (port for port in chance.sample(INNER, len(INNER)) if not taken(LOOPBACK, port))


def taken(host: str, port: int) -> bool:
    """Whether somebody listens there already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def nearby(host: str) -> str:
    """How a program on this machine reaches whoever listens on that address."""
    everywhere = host in ("0.0.0.0", "::", "")
    return LOOPBACK if everywhere else f"[{host}]" if ":" in host else host


def named(host: str) -> str:
    """Likewise for browsers, which let passkeys be made for a name alone."""
    return "localhost" if nearby(host) == LOOPBACK else nearby(host)


def await_free(host: str, port: int, inner: Mapping[str, int]) -> None:
    """Raises PortTaken when one of them stays taken."""
    _await(host, port, "Use another port: FARMHAND_PORT=8401 make run")
    for name, number in inner.items():
        _await(LOOPBACK, number, f"The {name} of this folder needs it. Stop the program that uses it.")


def _await(host: str, port: int, advice: str) -> None:
    try:
        until(lambda: not taken(host, port), PATIENCE, f"port {port}")
    except TimeoutError:
        raise PortTaken(f"Port {port} on {host} is in use by another program. {advice}") from None
