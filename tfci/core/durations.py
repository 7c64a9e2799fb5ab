"""Durations as texts. Pure."""

UNITS = ((86400, "day"), (3600, "h"), (60, "min"), (1, "s"))


def longest_unit(seconds: float) -> str:
    """In its largest unit, for what nobody knows more exactly: 46 days, 5 h, 20 min, 0 s."""
    unit, word = next((one for one in UNITS if seconds >= one[0]), UNITS[-1])
    count = int(seconds // unit)
    return f"{count:,} days" if word == "day" and count != 1 else f"{count} {word}"
