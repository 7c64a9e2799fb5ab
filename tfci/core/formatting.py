"""Sizes, durations and counts as texts. Pure."""

import re

from tfci.core.translation import ngettext

CANONICAL = re.compile(r"(\d+)cpu(\d+)gbram(\d+)gbssd")
UNITS = ((86400, "day"), (3600, "h"), (60, "min"), (1, "s"))


def size(text: str) -> str:
    """A canonical size in words: 2cpu8gbram50gbssd is "2 vCPU, 8 GB, 50 GB"; other texts stay."""
    found = CANONICAL.fullmatch(text)
    return "{} vCPU, {} GB, {} GB".format(*found.groups()) if found else text


def traffic(kibibytes: float) -> str:
    """What went through the network: 812 kB, 12.3 MB, 3.4 GB."""
    for unit, word in ((1024**2, "GB"), (1024, "MB")):
        if kibibytes >= unit:
            return f"{kibibytes / unit:.1f} {word}"
    return f"{kibibytes} kB"


def gigabytes(mebibytes: float) -> str:
    """3.4 GB, as sizes of VMs are counted."""
    return f"{mebibytes / 1024:.1f} GB"


def longest_unit(seconds: float) -> str:
    """In its largest unit, for what nobody knows more exactly: 46 days, 5 h, 20 min, 0 s."""
    unit, word = next((one for one in UNITS if seconds >= one[0]), UNITS[-1])
    count = int(seconds // unit)
    return plural(count, "day") if word == "day" else f"{count} {word}"


def plural(count: int, word: str, words: str = "") -> str:
    """1 job, 2,000 jobs. `words`: of several, where an s behind the word is not enough. The words are literals, by
    which `make messages` finds what to translate."""
    one, several = f"{{count}} {word}", f"{{count}} {words or f'{word}s'}"
    return ngettext(one, several, count).format(count=f"{count:,}")
