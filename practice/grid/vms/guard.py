"""The host's disk: machines' disks are thin, so it could be filled by what they write together."""

import logging
import os
import shutil
from collections.abc import Collection
from pathlib import Path

from practice.grid import processes

RESERVE = 0.05  # of the file system; at most, and usually, MIN_FREE
MIN_FREE = 5 * 2**30

log = logging.getLogger(__name__)


def check_disk(home: Path, folders: Collection[Path]) -> None:
    """End the machine that uses most of the host's disk when the host has too little left."""
    disk = shutil.disk_usage(home)
    if not folders or disk.free >= min(MIN_FREE, disk.total * RESERVE):
        return
    largest = max(folders, key=disk_usage)
    log.warning("the host's disk is nearly full: ending %s, which takes most of it", largest.name)
    processes.end([largest])


def disk_usage(folder: Path) -> int:
    """Bytes on the host's disk of one machine; 0 when it is just being removed."""
    try:
        sizes = [entry.stat() for entry in os.scandir(folder) if entry.is_file(follow_symlinks=False)]
    except FileNotFoundError:
        return 0
    return sum(size.st_blocks * 512 for size in sizes)
