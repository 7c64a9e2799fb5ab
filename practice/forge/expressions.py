"""`${{ … }}` as far as a forge itself fills it in: names, literals and `||`."""

import json
import re
from collections.abc import Mapping
from typing import Any

EXPRESSION = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
NUMBER = re.compile(r"-?\d+(\.\d+)?")
TEXT = re.compile(r"'((?:[^']|'')*)'")


def fill(text: str, context: Mapping[str, Any]) -> str:
    """The text with every expression replaced; a name that nobody knows is empty, as in Gitea."""
    return EXPRESSION.sub(lambda found: as_text(evaluate(found[1], context)), text)


def evaluate(expression: str, context: Mapping[str, Any]) -> Any:
    """The first of the alternatives that is not empty."""
    value: Any = ""
    for part in expression.split("||"):
        value = _single(part.strip(), context)
        if value not in ("", None, False, 0):
            return value
    return value


def _single(part: str, context: Mapping[str, Any]) -> Any:
    if text := TEXT.fullmatch(part):
        return text[1].replace("''", "'")
    if NUMBER.fullmatch(part) or part in ("true", "false"):
        return json.loads(part)
    value: Any = context
    for name in part.split("."):
        value = value.get(name, "") if isinstance(value, Mapping) else ""
    return value


def as_text(value: Any) -> str:
    """As it would be written in the workflow."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
