"""What public pages say of us and of others: kept as data, each claim of ours with the test or page that shows it."""

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


@lru_cache
def read(name: str) -> dict[str, Any]:
    """comparison, security or claims."""
    return tomllib.loads((DATA / f"{name}.toml").read_text())
