"""Versions of forges, compared."""

import re


def numbers(version: str) -> tuple[int, ...]:
    """(1, 25) of "1.25.4+12-gabc" or "v1.25.4"; () of what is no version."""
    found = re.match(r"v?(\d+)\.(\d+)", version)
    return tuple(int(number) for number in found.groups()) if found else ()
