"""The tree of docs/design/layout.md: every module with the first sentence of its docstring."""

import ast
import subprocess
import textwrap
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("tfci", "billing", "runners")
UNLISTED = ("migrations", "commands")
WIDTH = 90  # of a sentence: the page stays light


def tree() -> str:
    """Returns the lines that stand in the layout's fence."""
    return "\n".join(line for top in FOLDERS for line in _folder(top))


def _folder(top: str) -> Iterator[str]:
    found = subprocess.run(
        ["git", "ls-files", f"{top}/*.py"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    paths = sorted(map(Path, found.stdout.split()), key=lambda path: (path.parent.parts, path.name))
    for folder, files in groupby(
        (path for path in paths if not set(path.parts) & set(UNLISTED)), lambda path: path.parent
    ):
        indent = "  " * (len(folder.parts) - 1)
        yield _line(f"{indent}{folder.name}/", ROOT / folder / "__init__.py")
        for file in files:
            if file.name not in ("__init__.py", "apps.py"):
                yield _line(f"{indent}  {file.name}", ROOT / file)


def _line(name: str, file: Path) -> str:
    return f"{name:<31} {_first_sentence(file)}".rstrip()


def _first_sentence(file: Path) -> str:
    if not file.exists():
        return ""
    text = " ".join((ast.get_docstring(ast.parse(file.read_text())) or "").split())
    return textwrap.shorten(text.partition(". ")[0].removesuffix("."), WIDTH, placeholder=" …")
