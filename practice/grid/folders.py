"""A machine's folder, taken away whatever was done to it."""

import os
import shutil
from pathlib import Path


def remove(folder: Path) -> None:
    """A job may have taken away its own right to delete. Nothing happens where there is no such folder."""
    if not folder.exists():
        return
    for root, inner, _ in os.walk(folder):
        for name in inner:
            path = Path(root, name)
            if not path.is_symlink():
                path.chmod(0o700)
    shutil.rmtree(folder)
