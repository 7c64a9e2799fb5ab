"""The host's disk: machines' disks are thin, so it could be filled by what they write together."""

import logging
import os
import shutil
from collections.abc import Collection
from pathlib import Path

from practice.grid import processes

RESERVE = 0.05  # of the file system; at most, and usually, LEAST
LEAST = 5 * 2**30

log = logging.getLogger(__name__)


def look(home: Path, folders: Collection[Path]) -> None:
    """Where the host has too little left, the machine that takes most is ended; it says so on its console."""
    disk = shutil.disk_usage(home)
    if not folders or disk.free >= min(LEAST, disk.total * RESERVE):
        return
    greediest = max(folders, key=taken)
    log.warning("the host's disk is nearly full: ending %s, which takes most of it", greediest.name)
    processes.end([greediest])


def taken(folder: Path) -> int:
    """Bytes on the host's disk of one machine; 0 when it is just being removed."""
    try:
        sizes = [entry.stat() for entry in os.scandir(folder) if entry.is_file(follow_symlinks=False)]
    except FileNotFoundError:
        return 0
    return sum(size.st_blocks * 512 for size in sizes)
