"""Sizes as texts. Pure."""

import re

CANONICAL = re.compile(r"(\d+)cpu(\d+)gbram(\d+)gbssd")


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
