"""Where the programs of images/ are, which is no package, and what they start."""

import importlib.util
import sys
from pathlib import Path

IMAGES = Path(__file__).parents[2] / "images"


def load(name):
    """A module that stands beside them."""
    spec = importlib.util.spec_from_file_location(name, IMAGES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def alive(pid):
    """Whether the process still runs; a dead one that nobody has buried yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
