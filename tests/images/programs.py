"""Where the programs of images/ are, which is no package, and what they start."""

import importlib.machinery
import importlib.util
import sys
from pathlib import Path

IMAGES = Path(__file__).parents[2] / "images"


def load(file):
    """One of them, or a module that stands beside them, to be looked at from inside."""
    name = file.removesuffix(".py")
    loader = importlib.machinery.SourceFileLoader(name, str(IMAGES / file))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    sys.modules[name] = module
    loader.exec_module(module)
    return module


def alive(pid):
    """Whether the process still runs; a dead one that nobody has buried yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
