"""The image that `make machines` builds, and where it lies."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SHARED = Path("/var/cache/farmhand/machines")  # built by root, readable for all


@dataclass(frozen=True)
class Image:
    """One build. Nothing in its folder is ever written by a machine."""

    folder: Path

    @property
    def kernel(self) -> Path:
        return self.folder / "vmlinux"

    @property
    def initrd(self) -> Path:
        return self.folder / "initrd.img"

    @property
    def root(self) -> Path:
        return self.folder / "root.erofs"

    @property
    def hash(self) -> str:
        """What it was built from."""
        return json.loads((self.folder / "manifest.json").read_text())["hash"]


def folder(environment: Mapping[str, str]) -> Path | None:
    """Where this user's images are, or None while there is none: `current` there is the newest."""
    cache = Path(environment.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    configured = environment.get("FARMHAND_MACHINES")
    places = [Path(configured)] if configured else [cache / "farmhand" / "machines", SHARED]
    return next((place for place in places if _readable(place / "current" / "manifest.json")), None)


def newest(images: Path) -> Image:
    """The newest build as it stands now: a later one does not change it under a machine's feet."""
    return Image((images / "current").resolve(strict=True))


def _readable(path: Path) -> bool:
    return os.access(path, os.R_OK)
