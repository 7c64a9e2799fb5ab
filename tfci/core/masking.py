"""What a log line must not show: secrets by their value, their name, their place and their form."""

import json
import re
from collections.abc import Iterable

from tfci.core.untyped import Json

MASK = "•••"
SHORTEST = 8  # characters of a setting's value that is masked everywhere; a shorter one may be a common word

# What comes next in these addresses opens something. Caddyfile has them as well; tests hold both to all URL patterns.
SECRET_PATHS = ("/hooks/", "/join/", "/pay-out/confirm/", "/pay-out/stop/")

_NAMES = (
    r"authorization|cookie|credential|csrf|mnemonic|passphrase|password|secret|seed|session_?(?:id|key)"
    r"|_session|signature|token|(?:api|private)[_-]?key"
)
SECRETIVE = re.compile(_NAMES, re.I)

# Each takes time in proportion to the text, whatever a stranger writes into it.
RULES = (
    (re.compile(rf"({'|'.join(map(re.escape, SECRET_PATHS))})[^\s\"'?/\\]+"), rf"\1{MASK}"),
    (re.compile(r"\?[\w.~%\[\]-]+=[^\s\"'\\]*"), f"?{MASK}"),
    # password=…  "password": "…"  Authorization: Bearer …
    (
        re.compile(
            rf"""((?:{_NAMES})[\w-]{{0,40}}+(?:\\?["'])?(?:=|:\ ?)(\\?["'])?)"""
            r"""(?![\[{{]|\d+\b|null|true|false|None)(?(2)(?:(?!\2).)+|(?:(?:bearer|basic|token)\ )?[^\s"',;&)}\\]+)""",
            re.I,
        ),
        rf"\1{MASK}",
    ),
    (re.compile(r"\b(bearer|basic) [\w+/.~=-]{8,}", re.I), rf"\1 {MASK}"),
    # postgresql://user:password@host
    (re.compile(r"://[^\s/@\"':]*:[^\s/@\"']+@"), f"://{MASK}@"),
    # Made by chance, as our own tokens are: a long word with small and capital letters and digits.
    (re.compile(r"(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{24,}"), MASK),
)


class Masker:
    """Masks texts, knowing this process's own secrets: the values of settings, not their names."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        values = {
            form for value in known if len(value) >= SHORTEST for form in (value, json.dumps(value)[1:-1])
        }
        longest_first = sorted(map(re.escape, values), key=len, reverse=True)
        self._known = re.compile("|".join(longest_first) or r"(?!)")

    def __call__(self, text: str) -> str:
        text = self._known.sub(MASK, text)
        for pattern, shown in RULES:
            text = pattern.sub(shown, text)
        return text


def mask_fields(value: Json) -> Json:
    """Masks what has a name that says it is secret, however deep it is. (A Secret masks itself.)"""
    if isinstance(value, dict):
        return {
            name: MASK if SECRETIVE.search(str(name)) else mask_fields(inner) for name, inner in value.items()
        }
    return type(value)(map(mask_fields, value)) if type(value) in (list, tuple) else value
