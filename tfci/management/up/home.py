"""The one folder that keeps everything of an installation: FARMHAND_HOME."""

import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet

from tfci.management.up import ports, sockets


class AlreadyRuns(Exception):
    """Another `make run` holds the folder."""


@dataclass(frozen=True)
class Home:
    folder: Path

    @property
    def sockets(self) -> Path:
        return sockets.folder_for(self.folder)

    @property
    def ready_file(self) -> Path:
        return self.folder / "ready.json"

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Makes the folder and holds it. Raises AlreadyRuns when somebody else does."""
        self.logs.mkdir(parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        with open(self.folder / "lock", "w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise AlreadyRuns(
                    f"Farmhand already runs in {self.folder}. Stop it there, or start a second one: "
                    "FARMHAND_HOME=var2 FARMHAND_PORT=8401 make run"
                ) from None
            yield

    def secrets(self) -> dict[str, str]:
        """Made at the first start, the same ever after."""
        return self._kept("secrets.json", _new_secrets)

    def ports(self) -> dict[str, int]:
        """Those of the practice world, by its two programs. The same ever after: links name them."""
        return self._kept("ports.json", lambda: dict(zip(("forge", "grid"), ports.free(), strict=False)))

    def _kept(self, name: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        file = self.folder / name
        if not file.exists():
            write_private(file, make())
        return json.loads(file.read_text())


def write_private(file: Path, content: dict[str, Any]) -> None:
    """Writes the file whole or not at all, for our own eyes only."""
    new = file.with_name(file.name + ".new")
    new.unlink(missing_ok=True)
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        json.dump(content, out, indent=2)
    new.rename(file)


def _new_secrets() -> dict[str, str]:
    return {
        "secret_key": secrets.token_urlsafe(50),
        "keys": Fernet.generate_key().decode(),
        "grid_token": secrets.token_urlsafe(32),
    }
