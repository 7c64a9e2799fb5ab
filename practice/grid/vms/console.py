"""A guest's console output: kept, and limited, since a guest may print without end."""

import os
from pathlib import Path

LIMIT = 1024 * 1024  # bytes of one console that are kept; an older one of that size is kept beside it
LAST = 4096

BEGIN = "farmhand: begin"  # the guest has read its variables, and its agent starts
END = "farmhand: end"  # its agent has ended, and with it the machine
REFRESH = f"{END} 75"  # its agent asks for a reboot
PANIC = "Kernel panic"


def path_of(folder: Path) -> Path:
    return folder / "console.log"


def renew(folder: Path) -> None:
    """An empty one; the last start's is kept."""
    path = path_of(folder)
    if path.exists():
        path.replace(path.with_suffix(".old"))
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))


def trim(folder: Path) -> None:
    """Keep its newest megabyte. QEMU appends, so it goes on at the new end."""
    path = path_of(folder)
    if path.stat().st_size > LIMIT:
        path.with_suffix(".old").write_bytes(_last(path, LIMIT // 2))
        os.truncate(path, 0)


def has_output(folder: Path) -> bool:
    """Whether there is any output: then QEMU has read all its files."""
    return path_of(folder).stat().st_size > 0


def begun(folder: Path) -> bool:
    return any(line.endswith(BEGIN) for line in lines(folder))


def lines(folder: Path) -> list[str]:
    """The last lines."""
    path = path_of(folder)
    text = _last(path, LAST).decode(errors="replace") if path.exists() else ""
    return [line.strip() for line in text.splitlines()]


def _last(path: Path, count: int) -> bytes:
    with open(path, "rb") as file:
        file.seek(-min(count, os.fstat(file.fileno()).st_size), os.SEEK_END)
        return file.read(count)
