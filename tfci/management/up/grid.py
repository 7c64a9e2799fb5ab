"""Which grid `make run` has: virtual machines on this computer where `make machines` has prepared it, else the
simulated one, whose VMs are programs."""

import json
import shlex
import shutil
from collections.abc import Mapping
from urllib.parse import urlsplit

from practice.grid.vms import image, network, qemu
from tfci.management.up.home import Home
from tfci.management.up.ports import LOOPBACK, nearby

FOLDERS = {"simulated": "grid", "local": "local"}
HERE = (LOOPBACK, "localhost")
HOW = "For virtual machines, run “make machines” once and restart."


class NotPrepared(Exception):
    """Says what the local grid lacks, and what to do."""


def chosen(own: Mapping[str, str]) -> str:
    """As FARMHAND_GRID says. Raises NotPrepared where it asks for what is not there."""
    lacks = lacking(own)
    match own.get("FARMHAND_GRID", "auto"):
        case "auto":
            return "simulated" if lacks else "local"
        case "local" if lacks:
            raise NotPrepared(f"The local grid can't start: {lacks}. {HOW}")
        case named:
            return named


def lacking(own: Mapping[str, str]) -> str:
    """What virtual machines need and this computer does not have; "" where they can run."""
    missing = [name for name in (qemu.PROGRAM, network.RELAY) if not shutil.which(name)]
    if missing:
        return f"{' and '.join(missing)} is not installed"
    return "" if image.folder(own) else "the VM image is not built"


def options(home: Home, settings: Mapping[str, str]) -> str:
    """Of the grid's own program, for an installation with this environment."""
    folder = shlex.quote(str(home.folder / FOLDERS[settings["FARMHAND_GRID"]]))
    if settings["FARMHAND_GRID"] == "simulated":
        return f"--home {folder}"
    doors = " ".join(f"--door {door}" for door in _doors(settings))
    return f"--home {folder} --vms {shlex.quote(str(image.folder(settings)))} {doors}"


def agent_url(grid: str, listen: str, port: str) -> str:
    """Where a VM finds us."""
    return f"http://{network.HOST if grid == 'local' else nearby(listen)}:{port}"


def host_for_vms(grid: str) -> str:
    """This computer's loopback, as a VM sees it; "" where it is its own as well."""
    return network.HOST if grid == "local" else ""


def vms(home: Home, grid: str) -> str:
    """What its VMs are, as the grid says."""
    return json.loads((home.folder / FOLDERS[grid] / "ready.json").read_text())["machines"]


def _doors(settings: Mapping[str, str]) -> list[str]:
    """What VMs may reach of this computer: us, and forges that are allowed to be on its loopback."""
    own = f"{nearby(settings['FARMHAND_LISTEN'])}:{settings['FARMHAND_PORT']}"
    origins = [
        settings["FARMHAND_PRACTICE_FORGE"],
        *settings.get("FARMHAND_ALLOWED_FORGE_ORIGINS", "").split(","),
    ]
    forges = [urlsplit(each.strip()) for each in origins if each.strip()]
    return [
        own,
        *(
            f"{LOOPBACK}:{forge.port or 80}"
            for forge in forges
            if (forge.hostname or "").removesuffix(".") in HERE
        ),
    ]
