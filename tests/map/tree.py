"""The tree of docs/design/layout.md: every package with the first sentence of its docstring, and its modules."""

import ast
import subprocess
import textwrap
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("tfci", "billing", "runners")
UNLISTED = ("migrations", "commands")
COLUMN, WIDTH = 32, 140


def tree() -> str:
    """Returns the lines that stand in the layout's fence."""
    return "\n".join(line for top in FOLDERS for line in _folders(top))


def _folders(top: str) -> Iterator[str]:
    found = subprocess.run(
        ["git", "ls-files", f"{top}/*.py"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    paths = [path for path in map(Path, found.stdout.split()) if not set(path.parts) & set(UNLISTED)]
    paths.sort(key=lambda path: (path.parent.parts, path.name))
    for folder, files in groupby(paths, lambda path: path.parent):
        name = "  " * (len(folder.parts) - 1) + f"{folder.name}/"
        yield f"{name:<{COLUMN - 1}} {_first_sentence(folder / '__init__.py')}".rstrip()
        modules = " ".join(file.stem for file in files if file.name not in ("__init__.py", "apps.py"))
        yield from textwrap.wrap(modules, WIDTH, initial_indent=" " * COLUMN, subsequent_indent=" " * COLUMN)


def _first_sentence(file: Path) -> str:
    text = " ".join((ast.get_docstring(ast.parse((ROOT / file).read_text())) or "").split())
    return text.partition(". ")[0].removesuffix(".")
