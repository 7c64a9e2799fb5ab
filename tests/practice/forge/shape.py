"""What two payloads have in common when only their values differ."""

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("recorded")


def recorded(name: str) -> Any:
    return json.loads((FOLDER / name).read_text())


def shape(value: Any) -> Any:
    """Keys in their order and kinds of values; a list by its first entry."""
    if isinstance(value, dict):
        return [(key, shape(item)) for key, item in value.items()]
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    return type(value).__name__
