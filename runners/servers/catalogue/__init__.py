"""The apps that a team may deploy as servers: a folder of data each. docs/app-catalog.md describes how to add one."""

import tomllib
from functools import cache
from pathlib import Path

from django.conf import settings

from runners.servers.catalogue import apps
from runners.servers.catalogue.apps import App

BUILT_IN = Path(__file__).parent


def all_apps() -> list[App]:
    """By title; an app of the operator's own folder replaces ours of the same name. Raises apps.InvalidApp."""
    folders = [BUILT_IN, *map(Path, [settings.APPS] if settings.APPS else [])]
    found = {
        path.parent.name: path.parent for folder in folders for path in sorted(folder.glob("*/app.toml"))
    }
    return sorted((_read(folder) for folder in found.values()), key=lambda app: app.title)


def find(slug: str) -> App | None:
    """None where there is none of that name."""
    return next((app for app in all_apps() if app.slug == slug), None)


def image(slug: str, grid: str) -> str:
    """The image that its VMs start from on that kind of grid; "" for the default one."""
    app = find(slug)
    return app.images.get(grid, "") if app else ""


@cache
def _read(folder: Path) -> App:
    """Read once a process: a changed folder takes effect with the next start."""
    values = tomllib.loads((folder / "app.toml").read_text())
    others = {path.name: path.read_text() for path in folder.iterdir() if path.name != "app.toml"}
    return apps.read(folder.name, values, others)
