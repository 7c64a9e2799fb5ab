"""HTML that can't forget to escape: only what came out of here goes in as it is."""

import html as escaping
from collections.abc import Iterable


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def html(template: str, *values: object, **named: object) -> Html:
    """The template with each value escaped, unless it is Html."""
    return Html(template.format(*map(_safe, values), **{name: _safe(value) for name, value in named.items()}))


def joined(parts: Iterable[Html], between: str = "") -> Html:
    return Html(between.join(parts))


def _safe(value: object) -> str:
    return value if isinstance(value, Html) else escaping.escape(str(value))
