"""The folder for the Unix sockets of one home: short (a socket's path ends at 107 bytes) and ours alone."""

import hashlib
import os
import tempfile
from pathlib import Path


def folder_for(home: Path) -> Path:
    """Made when missing, the same at every start. Raises PermissionError when it is not ours alone."""
    base = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    tag = hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:10]
    folder = base / f"farmhand-{os.geteuid()}-{tag}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise PermissionError(f"Other users can access {folder}. Remove it, then restart.")
    return folder
