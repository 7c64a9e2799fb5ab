"""What public pages say of us and of others: kept as data, each claim of ours with the test or page that shows it."""

import tomllib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.utils.translation import get_language, gettext

from tfci.core.untyped import Json

DATA = Path(__file__).parent / "data"
FILES = ("claims", "comparison", "security")
TEXTS = {"against", "covered", "how", "point", "said", "sub", "title", "what"}
CELLS = {"ours", "others"}  # [mark, text]; a price has a name instead


def read(name: str) -> dict[str, Any]:
    """One of FILES, in the reader's language."""
    return _read(name, get_language())


@lru_cache
def _read(name: str, language: str) -> dict[str, Any]:
    data = tomllib.loads((DATA / f"{name}.toml").read_text())
    return {key: with_texts(value, key, gettext) for key, value in data.items()}


def with_texts(value: Json, key: str, change: Callable[[str], str]) -> Json:
    """A value of those files with each of its texts changed; `key`: where it stands."""
    if isinstance(value, dict):
        return {name: with_texts(each, name, change) for name, each in value.items()}
    if isinstance(value, list):
        if key in CELLS and isinstance(value[0], str):
            mark, text = value
            return [mark, text if mark == "price" else change(text)]
        return [with_texts(each, key, change) for each in value]
    return change(value) if key in TEXTS and isinstance(value, str) else value
