"""Debug access: an SSH server, opened and closed as the manager's answers to heartbeats ask for.

The image's program does it, and ends it by itself when its time is over, whether manager and agent are there or not.
"""

import contextlib
import os
import subprocess

PATIENCE = 60  # seconds: keys are drawn, and under emulation each program takes its time
MESSAGE_LIMIT = 200
NONE = "This machine’s image has no SSH server."
STUCK = "The SSH server did not come up."
KEY = "ssh-ed25519 "


class Debug:
    """The open server, by the id of its order; `report` goes to the manager until it is accepted."""

    def __init__(self):
        self.open = None
        self.report = {}

    def obey(self, order):
        """Open, close or leave as it is. None: nothing is to be open. True if there is something to report."""
        wanted = order["id"] if order else None
        if wanted == self.open:
            return False
        if self.open is not None:
            self.close()
        self.open = wanted
        if order:
            self.report = {"id": wanted, **open_server(*order_of(order))}
        return bool(order)

    def close(self):
        self.open = None
        if program():
            with contextlib.suppress(OSError, subprocess.SubprocessError):
                call(["close"], "")


def program():
    """The image's program; "" if it has none."""
    return os.environ.get("FARMHAND_DEBUG", "")


def order_of(order):
    """(keys, seconds)"""
    return "".join(f"{key}\n" for key in order["keys"]), int(order["seconds"])


def open_server(keys, seconds):
    """The server's own key once it listens, or a sentence why it does not."""
    if not program():
        return {"said": NONE}
    try:
        done = call(["open", str(seconds)], keys)
    except (OSError, subprocess.SubprocessError):
        return {"said": STUCK}
    if done.stdout.startswith(KEY):
        return {"host_key": done.stdout.strip()}
    return {"said": f"{STUCK} {done.stderr.strip()[-MESSAGE_LIMIT:]}".strip()}


def call(words, stdin):
    """Its exit code may be lost to the engine's own watch, so what it prints counts."""
    return subprocess.run([program(), *words], input=stdin, capture_output=True, text=True, timeout=PATIENCE)
